"""Notes and their comments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data.columns import code, person, text, texts, whole
from kehu_chassis.data.search import Searchable, outdated
from kehu_chassis.records import PartOf, PublishedState, Record, Scope, Transitions
from kehu_notes.database import Base
from kehu_notes.features.notes import rules


class Note(Record, Searchable, Base):
    """A note, open until it is archived."""

    __tablename__ = "note"
    __table_args__ = (
        Index("ix_note_search_grams", "search_grams", postgresql_using="gin"),
        outdated("note"),
        # One for each order in which notes are listed.
        Index("ix_note_created_at", "created_at", "id"),
        Index("ix_note_title", "title", "id"),
    )
    # Only the author may delete a note.
    __scope__ = Scope(
        "note",
        owners=("created_by", "assignee_id"),
        reserved={"note:delete": ("created_by",)},
        orphans="created_by",
    )
    __transitions__ = Transitions("state", rules.TRANSITIONS)
    __state__ = PublishedState(
        "notes.note-changed.v1", deleted="notes.note-deleted.v1", inside=("body",)
    )
    __searched__ = ("title", "tags")

    title: Mapped[str] = text(100)
    body: Mapped[str | None] = text(5000)
    score: Mapped[int] = whole(1, 5, default=3)
    tags: Mapped[list[str]] = texts(20, 50)
    topic_id: Mapped[UUID | None] = mapped_column(index=True)
    assignee_id: Mapped[UUID | None] = person(index=True)
    state: Mapped[str] = code(*rules.STATES)
    archived_at: Mapped[datetime | None]


class Comment(Record, Base):
    """A comment on a note: anyone who may read the note may read it."""

    __tablename__ = "comment"
    __part_of__ = PartOf(Note, "note_id")

    note_id: Mapped[UUID] = mapped_column(ForeignKey("note.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = text(2000)
