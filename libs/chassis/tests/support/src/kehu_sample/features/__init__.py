"""The features of the notes service."""
