"""What the gateway and the services need to know to decide on a request."""
