"""What other services have open for a customer: service requests and opportunities."""
