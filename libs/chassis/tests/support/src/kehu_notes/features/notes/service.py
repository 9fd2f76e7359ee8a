"""What can be done with notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kehu_chassis import problems
from kehu_chassis.actor import Actor
from kehu_chassis.data import database as db
from kehu_chassis.identity import directory
from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.events import Event
from kehu_chassis.records import precondition
from kehu_notes.features.notes import events
from kehu_notes.features.notes.models import ATTEMPT, Note
from kehu_notes.features.notes.schemas import LISTING

OWNERS = (Note.created_by, Note.owner_id)


def list_(session: Session, actor: Actor, args: dict[str, Any]) -> Any:
    visible = directory.visible(actor, "note:read", *OWNERS, orphans=Note.owner_id)
    return LISTING.page(session, select(Note).where(visible), args)


def get(session: Session, actor: Actor, note_id: UUID, act: str = "note:read") -> Note:
    note = session.get(Note, note_id, with_for_update=act != "note:read")
    if note is None:
        raise problems.not_found()
    directory.require(session, actor, note, read="note:read", act=act, owners=OWNERS)
    return note


def create(session: Session, actor: Actor, **values: Any) -> Note:
    note = Note(**values)
    note.set_search(note.title)
    session.add(note)
    return _tell(session, note)


def update(session: Session, actor: Actor, note_id: UUID, **values: Any) -> Note:
    note = get(session, actor, note_id, "note:update")
    precondition.check(note)
    for name, value in values.items():
        setattr(note, name, value)
    return _tell(session, note)


def archive(session: Session, actor: Actor, note_id: UUID) -> Note:
    note = get(session, actor, note_id, "note:update")
    precondition.check(note)
    if note.status != "open":
        raise problems.wrong_state("note", note.status)
    note.status = "archived"
    return _tell(session, note)


def delete(session: Session, actor: Actor, note_id: UUID) -> None:
    note = get(session, actor, note_id, "note:delete")
    precondition.check(note)
    session.delete(note)


def change_carelessly(session: Session, actor: Actor, note_id: UUID, **values: Any) -> Note:
    note = get(session, actor, note_id, "note:update")
    note.title = values["title"]
    return note


def queue_up(session: Session, actor: Actor, **values: Any) -> Note:
    """Create a note after waiting for a lock that a test may hold."""
    db.advisory_lock(session, "queue")
    return create(session, actor, **values)


def stumble(session: Session, *, state: str = "", times: int = 0) -> None:
    """Fail so many times with an SQLSTATE; a sequence counts, as no rollback resets it."""
    if session.scalar(ATTEMPT.next_value().select()) <= times:
        told = f"DO $$ BEGIN RAISE EXCEPTION 'told to' USING ERRCODE = '{state}'; END $$"
        session.execute(text(told))


def snapshots(session: Session) -> Iterator[Event]:
    for note in session.scalars(select(Note).order_by(Note.id)):
        yield events.changed(note)


def _tell(session: Session, note: Note) -> Note:
    session.flush()
    outbox.add(session, events.changed(note))
    return note
