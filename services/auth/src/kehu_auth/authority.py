"""How the auth service itself verifies tokens: from its own database, not over HTTP."""

from __future__ import annotations

from kehu_auth.features.keys import service as keys
from kehu_auth.features.policy import service as policy
from kehu_chassis.actor import SYSTEM
from kehu_chassis.config import Settings
from kehu_chassis.data.database import Database
from kehu_chassis.identity.authority import Authority
from kehu_chassis.identity.sources import Copy


class LocalSource:
    """The policy and the keys as the database has them now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def policy(self, etag: str | None) -> Copy | None:
        """The policy, unless the one with this tag is still current."""
        document, tag = self._database.run(SYSTEM, policy.document)
        return None if tag == etag else Copy(document, tag)

    def keys(self, etag: str | None) -> Copy | None:
        """The signing keys."""
        return Copy(self._database.run(SYSTEM, keys.public_keys))


def build(database: Database, _settings: Settings) -> Authority:
    """The authority of an API process."""
    return Authority(LocalSource(database))
