"""The steps at every flush and commit, in this order, and nowhere else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from kehu_chassis.data import search
from kehu_chassis.data.database import Database
from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.contracts import Contracts
from kehu_chassis.records import audit, states
from kehu_chassis.records.record import sign


class RecordSession(Session):
    """A session that signs, audits and publishes what it commits."""


def open_database(
    url: str, *, service: str, pool: int, application: str, contracts: Contracts
) -> Database:
    """The database of a service, whose sessions audit and publish their changes."""
    return Database(
        url,
        service=service,
        pool=pool,
        application=application,
        session_class=RecordSession,
        contracts=contracts,
    )


@event.listens_for(RecordSession, "before_flush")
def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    search.refresh(session)
    sign(session)
    audit.collect(session)
    states.collect(session)


@event.listens_for(RecordSession, "before_commit")
def _before_commit(session: Session) -> None:
    session.flush()
    audit.publish(session)
    states.publish(session)
    outbox.write(session)


@event.listens_for(RecordSession, "after_rollback")
def _after_rollback(session: Session) -> None:
    audit.discard(session)
    states.discard(session)
    outbox.discard(session)


@event.listens_for(RecordSession, "do_orm_execute")
def _before_statement(execution: ORMExecuteState) -> None:
    states.reject_bulk(execution)
