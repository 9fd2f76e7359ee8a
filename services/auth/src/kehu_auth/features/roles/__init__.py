"""Roles, what they may do, and the catalogue of permissions."""
