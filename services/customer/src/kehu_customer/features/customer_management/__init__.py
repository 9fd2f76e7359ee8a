"""What people do with customers over HTTP, with what follows for contacts, orders and warnings."""
