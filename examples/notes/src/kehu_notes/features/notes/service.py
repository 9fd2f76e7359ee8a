"""The use cases of notes: ``(session, actor, …) → result``; none of them commits."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis import clock, records
from kehu_chassis.actor import Actor
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.messaging import outbox
from kehu_notes.features.notes import events, operations, rules
from kehu_notes.features.notes.models import Comment, Note
from kehu_notes.features.topics import service as topics

KEPT = timedelta(days=365)
_BATCH = 500

NOTES = Listing(
    Note,
    filters=(
        "state",
        "assignee_id",
        "created_by",
        "topic_id",
    ),
    choices={"state": rules.STATES},
    ranges=("created_at",),
    sorts=(
        "created_at",
        "title",
    ),
    default_sort="-created_at",
)


def list_(session: Session, actor: Actor, args: dict[str, Any]) -> Page:
    """One page of the notes that the caller may read."""
    page = records.page(session, actor, NOTES, args)
    names = topics.names(session, [note.topic_id for note in page.items])
    return page.map(lambda note: records.show(note, topic_name=names.get(note.topic_id)))


def get(session: Session, actor: Actor, note_id: UUID) -> Any:
    """One note; 404 if the caller may not read it."""
    return _shown(session, records.get(session, actor, Note, note_id))


def create(session: Session, actor: Actor, **form: Any) -> Any:
    """Write a note."""
    _check_topic(session, form)
    note = Note(state=rules.OPEN, **form)
    session.add(note)
    return _shown(session, note)


def update(session: Session, actor: Actor, note_id: UUID, **changes: Any) -> Any:
    """Edit an open note."""
    note = records.lock(session, actor, operations.UPDATE, note_id)
    _check_topic(session, changes)
    for name, value in changes.items():
        setattr(note, name, value)
    return _shown(session, note)


def archive(session: Session, actor: Actor, note_id: UUID) -> Any:
    """Archive an open note."""
    note = records.lock(session, actor, operations.ARCHIVE, note_id)
    _archive(session, note, by=actor.id)
    return _shown(session, note)


def delete(session: Session, actor: Actor, note_id: UUID) -> None:
    """Delete one's own note."""
    session.delete(records.lock(session, actor, operations.DELETE, note_id))


def archive_of_topic(session: Session, topic_id: UUID) -> None:
    """Archive the open notes of a closed topic; a repeated event finds none."""
    of_topic = select(Note).where(Note.topic_id == topic_id, Note.state == rules.OPEN)
    for note in session.scalars(of_topic.order_by(Note.id).with_for_update()):
        _archive(session, note, by=None)


def list_comments(session: Session, actor: Actor, note_id: UUID) -> dict[str, Any]:
    """All comments on a note that the caller may read."""
    records.get(session, actor, Note, note_id)
    found = select(Comment).where(Comment.note_id == note_id).order_by(Comment.id)
    return {"items": session.scalars(found).all()}


def add_comment(session: Session, actor: Actor, note_id: UUID, *, body: str) -> Comment:
    """Comment on an open note."""
    records.lock(session, actor, operations.COMMENT, note_id)
    comment = Comment(note_id=note_id, body=body)
    session.add(comment)
    return comment


def edit_comment(
    session: Session, actor: Actor, note_id: UUID, comment_id: UUID, *, body: str
) -> Comment:
    """Edit one's own comment while the note is open; 403 for any other."""
    comment = records.lock(session, actor, operations.EDIT_COMMENT, comment_id, within=note_id)
    comment.body = body
    return comment


def delete_old(session: Session) -> int:
    """Delete some notes that were archived over a year ago; returns how many.

    One by one and not in bulk, so that the deletion of each is published.
    """
    old = select(Note).where(Note.archived_at < clock.now() - KEPT).order_by(Note.id).limit(_BATCH)
    notes = session.scalars(old.with_for_update(skip_locked=True)).all()
    for note in notes:
        session.delete(note)
    return len(notes)


def _archive(session: Session, note: Note, *, by: UUID | None) -> None:
    note.state, note.archived_at = rules.ARCHIVED, clock.now()
    outbox.add(session, lambda: events.archived(note, by=by))


def _check_topic(session: Session, form: dict[str, Any]) -> None:
    if form.get("topic_id") is not None:
        topics.require(session, form["topic_id"])


def _shown(session: Session, note: Note) -> Any:
    names = topics.names(session, [note.topic_id])
    return records.show(note, topic_name=names.get(note.topic_id))
