"""Stops a process at an exact point, from outside: a trigger waits for a lock that the test holds.

A trigger on a table makes its writers wait, at the statement or (``at_commit``) at the commit of
the transaction.  Meanwhile the process can be frozen or killed; the release of the lock decides
what happens to the transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kehu_cli.operations.psql import Psql
from tests.support.compose import Installation
from tests.support.stack import eventually

LOCK = 20260101
_WAIT = f"PERFORM pg_advisory_xact_lock_shared({LOCK})"
_WAITING = f"FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = {LOCK}"


@dataclass
class Held:
    """A table whose writers wait."""

    installation: Installation
    database: str
    _session: Psql

    def wait(self, number: int = 1) -> None:
        """Return once this number of writers waits."""
        eventually(lambda: self.waiting() >= number, what=f"a writer waits in {self.database}")

    def waiting(self) -> int:
        """The number of waiting writers."""
        return int(self.installation.sql(self.database, f"SELECT count(*) {_WAITING}"))

    def end(self) -> None:
        """End the sessions of all waiting writers.

        A server process that waits for a lock does not notice that its client is gone.
        """
        self.installation.sql(self.database, f"SELECT pg_terminate_backend(pid) {_WAITING}")

    def release(self) -> None:
        """Let all writers continue."""
        self._session.scalar(f"SELECT pg_advisory_unlock({LOCK})")


@contextmanager
def held(
    installation: Installation,
    database: str,
    event: str,
    *,
    at_commit: bool = False,
    when: str = "true",
) -> Iterator[Held]:
    """Make writers wait; ``event`` is like ``INSERT ON contact``, ``when`` a condition on NEW."""
    with (
        # Dropping the trigger waits for all writers, so the session with the lock must end first.
        trigger(installation, database, event, _WAIT, at_commit=at_commit, when=when),
        _locked(installation, database) as point,
    ):
        yield point


@contextmanager
def command_held(installation: Installation, database: str, command: str) -> Iterator[Held]:
    """Make sessions wait at the end of a command such as ``CREATE INDEX``."""
    installation.sql(
        database,
        "CREATE FUNCTION failpoint() RETURNS event_trigger LANGUAGE plpgsql SET lock_timeout = 0"
        f" AS $$ BEGIN {_WAIT}; END $$; CREATE EVENT TRIGGER failpoint ON ddl_command_end"
        f" WHEN TAG IN ('{command}') EXECUTE FUNCTION failpoint()",
    )
    try:
        with _locked(installation, database) as point:
            yield point
    finally:
        installation.sql(database, "DROP EVENT TRIGGER failpoint; DROP FUNCTION failpoint()")


@contextmanager
def _locked(installation: Installation, database: str) -> Iterator[Held]:
    with Psql(installation, database) as session:
        session.scalar(f"SELECT pg_advisory_lock({LOCK}) IS NOT NULL")
        yield Held(installation, database, session)


@contextmanager
def trigger(
    installation: Installation,
    database: str,
    event: str,
    action: str,
    *,
    at_commit: bool = False,
    when: str = "true",
) -> Iterator[None]:
    """Create a trigger with a PL/pgSQL action for each row, before the row or at commit."""
    kind = f"CONSTRAINT TRIGGER failpoint AFTER {event} DEFERRABLE INITIALLY DEFERRED"
    if not at_commit:
        kind = f"TRIGGER failpoint BEFORE {event}"
    installation.sql(
        database,
        # The service's own lock timeout is shorter than the experiment.
        "CREATE OR REPLACE FUNCTION failpoint() RETURNS trigger LANGUAGE plpgsql"
        f" SET lock_timeout = 0 AS $$ BEGIN {action}; RETURN NEW; END $$;"
        f" CREATE {kind} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION failpoint()",
    )
    try:
        yield
    finally:
        table = event.rpartition(" ")[2]
        # Writers lock the table, and continue as soon as the session with the advisory lock ends.
        installation.sql(
            database,
            f"SET lock_timeout = '60s'; DROP TRIGGER failpoint ON {table}; DROP FUNCTION failpoint",
        )
