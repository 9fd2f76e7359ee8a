"""Features of the reporting service, one folder each."""
