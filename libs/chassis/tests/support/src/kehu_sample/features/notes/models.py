"""Tables of notes, with a column of every sortable type."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Sequence
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data import columns
from kehu_chassis.data.search import Searchable, outdated
from kehu_chassis.records import PublishedState, Record, Scope, Transitions, audit
from kehu_sample.database import Base

ATTEMPT = Sequence("attempt", metadata=Base.metadata)


class Note(Record, Searchable, Base):
    __tablename__ = "note"
    __scope__ = Scope("note", owners=("created_by", "owner_id"), orphans="owner_id")
    __transitions__ = Transitions("status", {"archive": {"open"}})
    __state__ = PublishedState(
        "notes.note-changed.v1",
        deleted="notes.note-deleted.v1",
        inside=(
            "status", "owner_id", "topic_id", "due_on", "remind_at", "rank", "pinned",
            "created_at", "created_by",
        ),
    )  # fmt: skip
    __searched__ = ("title",)
    __table_args__ = (
        Index("ix_note_search_grams", "search_grams", postgresql_using="gin"),
        outdated("note"),
    )

    title: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")
    owner_id: Mapped[UUID | None]
    topic_id: Mapped[UUID | None] = mapped_column(unique=True)
    amount: Mapped[Decimal | None] = columns.amount("currency")  # that of the installation
    due_on: Mapped[date | None]
    remind_at: Mapped[datetime | None]
    rank: Mapped[int | None]
    pinned: Mapped[bool | None]
    secret: Mapped[str | None] = mapped_column(info=audit.secret())


class Effect(Base):
    """The effect of a handler; without a unique constraint, so that duplicates show."""

    __tablename__ = "effect"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    handler: Mapped[str]
    event_id: Mapped[str]
