"""The change history of a record, for whoever may read the record.

The audit trail is for administrators, in another service that does not know who may read what. So
what it says about a record's fields is also kept beside the record, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Index, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from kehu_chassis import clock
from kehu_chassis.actor import Actor
from kehu_chassis.data.database import Base, delete_some
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.records import access, system_settings
from kehu_chassis.records.record import Record


class RecordChange(Base):
    """One change of a record by a person: its audit entry, without what concerns the request."""

    __tablename__ = "record_change"
    __table_args__ = (
        Index("ix_record_change_record_id_occurred_at", "record_id", "occurred_at", "id"),
        Index("ix_record_change_occurred_at", "occurred_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    record_type: Mapped[str]
    record_id: Mapped[UUID]
    occurred_at: Mapped[datetime]
    actor_id: Mapped[UUID]
    action: Mapped[str]
    changes: Mapped[list[Any]] = mapped_column(JSONB)


CHANGES = Listing(
    RecordChange,
    filters=("actor_id", "action"),
    ranges=("occurred_at",),
    sorts=("occurred_at",),
    default_sort="-occurred_at",
)


def page(
    session: Session,
    actor: Actor,
    model: type[Record],
    record_id: UUID,
    args: dict[str, Any],
    *,
    within: UUID | None = None,
    hidden: Collection[str] = (),
) -> Page:
    """One page of the changes of a record that the caller may read; 404 otherwise. ``within`` is
    the id of its parent.

    Of secret fields and those ``hidden`` it shows only that they changed.
    """
    access.get(session, actor, model, record_id, within=within)
    of_record = select(RecordChange).where(
        RecordChange.record_id == record_id,
        RecordChange.record_type == model.__tablename__,  # type: ignore[attr-defined]
    )
    found = CHANGES.page(session, of_record, args)
    return found.map(lambda change: _shown(change, hidden))


def purge(session: Session) -> int:
    """Delete some changes that are older than the audit trail's; returns how many."""
    before = clock.now() - timedelta(days=system_settings.get(session, "audit_days"))
    return delete_some(session, RecordChange, RecordChange.occurred_at < before)


def _shown(change: RecordChange, hidden: Collection[str]) -> SimpleNamespace:
    return SimpleNamespace(
        id=change.id,
        occurred_at=change.occurred_at,
        actor_id=change.actor_id,
        action=change.action,
        changes=[
            one | {"old": None, "new": None} if one["field"] in hidden else one
            for one in change.changes
        ],
    )
