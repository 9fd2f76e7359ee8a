"""Kehu, the auth service: users, roles, departments, tokens, settings, the audit trail."""
