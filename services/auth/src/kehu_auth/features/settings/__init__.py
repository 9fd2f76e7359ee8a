"""System settings: typed, documented, told to the services by event."""
