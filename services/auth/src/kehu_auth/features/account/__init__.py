"""Signing in and out, and what people see and change of themselves."""
