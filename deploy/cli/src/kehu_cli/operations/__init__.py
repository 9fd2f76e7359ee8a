"""Operator tasks on an installation, on this machine or in containers."""
