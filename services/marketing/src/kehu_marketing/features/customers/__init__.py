"""Customers: a replica fed by events."""
