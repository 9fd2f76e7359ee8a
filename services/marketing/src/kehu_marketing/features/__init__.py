"""Features of the marketing service, one folder each."""
