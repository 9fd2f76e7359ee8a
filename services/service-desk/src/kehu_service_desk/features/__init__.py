"""Features of the service-desk service, one folder each."""
