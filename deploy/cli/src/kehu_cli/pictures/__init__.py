"""Takes the pictures of the user guide, of the company that the demonstration plays."""
