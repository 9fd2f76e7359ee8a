"""PostgreSQL: the engine and sessions, lists, search, numbers, leases, stored responses."""
