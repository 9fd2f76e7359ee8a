"""Waiting for work that other processes commit, without polling for it.

The waiting process holds an advisory lock. A transaction that makes work takes a share of the lock
until it ends; only if the lock is held, it notifies the waiting process at its commit. So a commit
costs a notification only while nothing else happens; one for each commit would cost a fifth of the
throughput (ADR 0041). No work is missed: the lock is not granted while a transaction that had its
share is open, and the waiting process looks for work once more after it has the lock.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from kehu_chassis.data.database import Database

# To be evaluated once in the transaction that makes the work; ``:channel`` names what waits.
NOTIFY = """
    SELECT pg_notify(:channel, '')
     WHERE NOT pg_try_advisory_xact_lock_shared(hashtextextended(:channel, 2))
"""
_WAIT = text("SELECT pg_try_advisory_lock(hashtextextended(:channel, 2))")
_WORK = text("SELECT pg_advisory_unlock(hashtextextended(:channel, 2))")


class Wakeup:
    """The side that waits: one connection that listens on ``channel``, for one thread.

    Errors of the database are raised as they are; `close` frees the connection.
    """

    def __init__(self, database: Database, channel: str) -> None:
        self._database = database
        self._channel = {"channel": channel}
        self._connection: Connection | None = None
        self.waits = False

    def wait(self) -> bool:
        """Wait from now on; False while transactions with work are open: ask again soon."""
        self.waits = bool(self._open().execute(_WAIT, self._channel).scalar())
        return self.waits

    def work(self) -> None:
        """Wait no longer: others commit without a notification."""
        if self.waits:
            self._open().execute(_WORK, self._channel)
            self.waits = False

    def fileno(self) -> int:
        """The file that becomes readable with a notification; then call `received`."""
        driver = self._open().connection.driver_connection
        return driver.fileno()  # type: ignore[union-attr, no-any-return]

    def received(self) -> bool:
        """Whether a notification has come since the last call."""
        driver = self._open().connection.driver_connection
        return bool(list(driver.notifies(timeout=0)))  # type: ignore[union-attr]

    def close(self) -> None:
        """Stop waiting; the connection is closed, with its lock."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
        self._connection, self.waits = None, False

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = self._database.alone.connect()
            self._connection.execute(text(f'LISTEN "{self._channel["channel"]}"'))
        return self._connection
