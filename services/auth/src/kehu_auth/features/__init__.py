"""Features of the auth service, one folder each."""
