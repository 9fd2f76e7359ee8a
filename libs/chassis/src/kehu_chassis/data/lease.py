"""Leadership as a lease row by the database's clock.

A session lock would survive a stopped host; a lease runs out.  ``epoch`` grows with every change
of holder, and the statement that marks work as done checks it (see the relay).
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
_IS_ANOTHERS = text("SELECT holder <> :holder OR epoch <> :epoch FROM lease WHERE name = :name")


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
        """Whether this process leads now; takes or renews the lease when that is due."""
        moment = time.monotonic()
        if moment < self._renew_at:
            return self.epoch > 0 and moment < self._valid_until
        # The lease is counted from before the statement, so that ours ends before the database's.
        epoch = self._database.run(SYSTEM, self._take)
        self._tell(epoch or 0)
        self._valid_until = moment + SECONDS if epoch else 0.0
        self._renew_at = moment + (RENEW_SECONDS if epoch else 1)
        return self.epoch > 0

    def is_anothers(self, session: Session) -> bool:
        """Whether another process has begun to lead since this one did, if it did; to be asked by
        what marks work as done, in the same transaction."""
        if not self.epoch:
            return False
        mine = {"name": self.name, "holder": self.holder, "epoch": self.epoch}
        return bool(session.execute(_IS_ANOTHERS, mine).scalar())

    def lost(self) -> None:
        """Another process proved to lead: ask again before doing anything more."""
        self._tell(0)
        self._renew_at = 0.0

    def release(self) -> None:
        """Let another process take over at once; where the database is away, when it runs out."""
        if not self.epoch:
            return
        mine = {"name": self.name, "holder": self.holder}
        try:
            self._database.run(SYSTEM, lambda session: session.execute(_RELEASE, mine))
        except SQLAlchemyError as error:
            log.info("the lease of %s runs out by itself: %s", self.name, type(error).__name__)
        self.epoch = 0
        self._renew_at = 0.0

    def _tell(self, epoch: int) -> None:
        if epoch and epoch != self.epoch:
            log.info("%s leads", self.name)
        elif self.epoch and not epoch:
            log.warning("%s stands by: another one leads", self.name)
        self.epoch = epoch

    def _take(self, session: Session) -> int | None:
        return session.execute(_TAKE, {"name": self.name, "holder": self.holder}).scalar()
