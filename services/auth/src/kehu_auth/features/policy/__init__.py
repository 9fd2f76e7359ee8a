"""What the gateway and the services need to authorise requests."""
