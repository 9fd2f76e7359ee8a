"""Use cases of customers over HTTP, with their effects on contacts, orders and warnings."""
