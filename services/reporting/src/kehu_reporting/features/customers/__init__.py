"""Customers as reports know them, and how they are composed (E2)."""
