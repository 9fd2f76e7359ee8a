"""The use cases of notes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data import amounts
from kehu_chassis.data import database as db
from kehu_chassis.messaging import outbox
from kehu_sample.features.notes import events, operations
from kehu_sample.features.notes.models import ATTEMPT, Note
from kehu_sample.features.notes.schemas import LISTING


def list_(session: Session, actor: Actor, args: dict[str, Any]) -> Any:
    return records.page(session, actor, LISTING, args)


def get(session: Session, actor: Actor, note_id: UUID) -> Note:
    return records.get(session, actor, Note, note_id)


def create(session: Session, actor: Actor, **values: Any) -> Note:
    note = Note(**amounts.fit(Note, values))
    session.add(note)
    return note


def update(session: Session, actor: Actor, note_id: UUID, **values: Any) -> Note:
    note = records.lock(session, actor, operations.UPDATE, note_id)
    for name, value in amounts.fit(Note, values, note).items():
        setattr(note, name, value)
    return note


def archive(session: Session, actor: Actor, note_id: UUID) -> Note:
    note = records.lock(session, actor, operations.ARCHIVE, note_id)
    note.status = "archived"
    outbox.add(session, lambda: events.archived(note, by=actor.id))
    return note


def delete(session: Session, actor: Actor, note_id: UUID) -> None:
    session.delete(records.lock(session, actor, operations.DELETE, note_id))


def change_unchecked(session: Session, actor: Actor, note_id: UUID, **values: Any) -> Note:
    note = records.get(session, actor, Note, note_id)
    note.title = values["title"]
    return note


def queue_up(session: Session, actor: Actor, **values: Any) -> Note:
    """Create a note after waiting for a lock that a test may hold."""
    db.advisory_lock(session, "queue")
    return create(session, actor, **values)


def fail_in_sql(session: Session, *, state: str = "", times: int = 0) -> None:
    """Fail ``times`` times with an SQLSTATE; counted by a sequence, which no rollback resets."""
    if session.scalar(ATTEMPT.next_value().select()) <= times:
        statement = f"DO $$ BEGIN RAISE EXCEPTION 'as requested' USING ERRCODE = '{state}'; END $$"
        session.execute(text(statement))
