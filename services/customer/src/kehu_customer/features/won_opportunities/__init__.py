"""A won opportunity creates a customer or is linked to an existing one."""
