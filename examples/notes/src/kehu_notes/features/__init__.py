"""Features of the notes service, one folder each."""
