"""One search box over service requests."""
