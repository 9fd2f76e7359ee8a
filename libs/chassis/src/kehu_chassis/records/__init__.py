"""What records have in common: scope and locks, published state, audit, system settings."""
