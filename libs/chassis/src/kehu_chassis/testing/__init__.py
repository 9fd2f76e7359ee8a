"""Helpers to test a service on a real PostgreSQL: real tokens, real migrations, real outbox."""

from kehu_chassis.testing.harness import Harness
from kehu_chassis.testing.identity import TestIdentity, User

__all__ = ["Harness", "TestIdentity", "User"]
