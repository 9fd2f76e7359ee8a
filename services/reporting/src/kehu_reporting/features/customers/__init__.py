"""The replica of customers, and how they are composed (E2)."""
