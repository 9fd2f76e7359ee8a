"""Leadership as a lease row by the database's clock.

A session lock would survive a stopped host; a lease expires. ``epoch`` grows with every change of
holder, and the statement that marks work as done checks it (see the relay).
"""

from __future__ import annotations

import logging
import time
from datetime import datetime
from uuid import uuid4

from sqlalchemy import BigInteger, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from kehu_chassis.actor import SYSTEM
from kehu_chassis.data.database import Base, Database

log = logging.getLogger(__name__)

SECONDS = 8
RENEW_SECONDS = 2


class LeaseRow(Base):
    """Who leads ``name`` until ``expires_at``."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    epoch: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[datetime]


_TAKE = text(f"""
    INSERT INTO lease AS l (name, holder, epoch, expires_at)
    VALUES (:name, :holder, 1, clock_timestamp() + interval '{SECONDS} seconds')
    ON CONFLICT (name) DO UPDATE
       SET holder = excluded.holder, expires_at = excluded.expires_at,
           epoch = l.epoch + CASE WHEN l.holder = excluded.holder THEN 0 ELSE 1 END
     WHERE l.holder = excluded.holder OR l.expires_at < clock_timestamp()
    RETURNING epoch
""")
_RELEASE = text(
    "UPDATE lease SET expires_at = clock_timestamp() WHERE name=:name AND holder=:holder"
)
_IS_TAKEN = text("SELECT holder <> :holder OR epoch <> :epoch FROM lease WHERE name = :name")


class Lease:
    """One process's claim to lead ``name``."""

    def __init__(self, database: Database, name: str) -> None:
        self.name = name
        self.holder = uuid4().hex
        self.epoch = 0
        self._database = database
        self._renew_at = 0.0
        self._valid_until = 0.0

    def held(self) -> bool:
        """Whether this process leads; acquires or renews the lease when due."""
        now = time.monotonic()
        if now < self._renew_at:
            return self.epoch > 0 and now < self._valid_until
        # Counted from before the statement, so that our lease ends before the database's.
        epoch = self._take()
        self._set_epoch(epoch)
        self._valid_until = now + SECONDS if epoch else 0.0
        self._renew_at = now + (RENEW_SECONDS if epoch else 1)
        return self.epoch > 0

    def is_taken(self, session: Session) -> bool:
        """Whether another process has taken over; to be checked where work is marked as done."""
        if not self.epoch:
            return False
        mine = {"name": self.name, "holder": self.holder, "epoch": self.epoch}
        return bool(session.execute(_IS_TAKEN, mine).scalar())

    def lost(self) -> None:
        """Another process leads: acquire the lease again before doing anything more."""
        self._set_epoch(0)
        self._renew_at = 0.0

    def release(self) -> None:
        """Let another process take over at once or, if the database is unreachable, on expiry."""
        if not self.epoch:
            return
        mine = {"name": self.name, "holder": self.holder}
        try:
            self._database.run(SYSTEM, lambda session: session.execute(_RELEASE, mine))
        except SQLAlchemyError as error:
            log.info("the lease of %s will expire by itself: %s", self.name, type(error).__name__)
        self.epoch = 0
        self._renew_at = 0.0

    def _set_epoch(self, epoch: int) -> None:
        if epoch and epoch != self.epoch:
            log.info("%s leads", self.name)
        elif self.epoch and not epoch:
            log.warning("%s stands by: another process leads", self.name)
        self.epoch = epoch

    def _take(self) -> int:
        rows = self._database.rows(_TAKE, {"name": self.name, "holder": self.holder})
        return rows[0].epoch if rows else 0
