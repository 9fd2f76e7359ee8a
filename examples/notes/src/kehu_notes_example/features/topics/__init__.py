"""Topics as this service knows them: a replica fed by events."""
