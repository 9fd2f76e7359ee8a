"""Topics: a replica fed by events."""
