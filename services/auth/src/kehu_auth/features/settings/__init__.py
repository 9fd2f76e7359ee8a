"""System settings: typed, documented, published to the services by event."""
