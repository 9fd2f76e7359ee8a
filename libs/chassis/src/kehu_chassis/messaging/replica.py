"""Tables that mirror another service's records, fed by its state events.

::

    class NoteRef(Replica, Base):
        __tablename__ = "note_ref"
        __mirrors__ = Mirrors("notes.note-changed.v1", deleted="notes.note-deleted.v1")

        id: Mapped[UUID] = mapped_column(primary_key=True)
        title: Mapped[str]
        deleted: Mapped[bool]
        version: Mapped[int] = mapped_column(BigInteger)

The subscription follows from the declaration, as do the version check, tombstones and repair by
`resync`: each column is the field of that name, unless `from_state` sets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

from kehu_chassis.messaging import projection
from kehu_chassis.messaging.events import Received
from kehu_chassis.messaging.inbox import On
from kehu_chassis.messaging.versions import Versions, known


@dataclass(frozen=True)
class Mirrors:
    """The state event that a replica follows, and the event of a deletion."""

    state: str
    deleted: str | None = None


class Replica:
    """Base of mirrored tables; columns ``id``, ``version`` and, for deletions, ``deleted``."""

    __mirrors__: ClassVar[Mirrors]

    @classmethod
    def from_state(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Columns that are not simply the field of their name; none by default."""
        return {}

    @classmethod
    def is_deleted(cls, record_id: Any) -> ColumnElement[bool]:
        """SQL: whether the record of the id in that column is deleted; null if it is unknown."""
        table: Table = cls.__table__  # type: ignore[attr-defined]
        found = select(table.c.deleted).where(table.c.id == record_id)
        return found.correlate_except(table).scalar_subquery()


def store(session: Session, model: type[Replica], events: Sequence[Received]) -> None:
    """Store the newest state of each record, in whatever order the events arrive."""
    rows = [projection.row_of(model, event, model.from_state(event.data)) for event in events]
    projection.store(session, model, rows, "id")


def subscriptions(model: type[Replica]) -> list[On]:
    """The subscriptions of a replica."""
    mirrors, name = model.__mirrors__, f"replica.{model.__tablename__}"  # type: ignore[attr-defined]

    def store_states(session: Session, events: Sequence[Received]) -> None:
        store(session, model, events)

    def store_deletions(session: Session, events: Sequence[Received]) -> None:
        # Also of an unknown record, so that an older event that arrives later cannot revive it.
        rows = [
            projection.blank(model, id=UUID(event.data["id"]), version=event.version, deleted=True)
            for event in events
        ]
        projection.store(session, model, rows, "id")

    found = [On(mirrors.state, store_states, batch=True, key=name)]
    if mirrors.deleted is not None:
        found.append(On(mirrors.deleted, store_deletions, batch=True, key=f"{name}.deleted"))
    return found


def versions(model: type[Replica]) -> Versions:
    """The versions of the records that a replica mirrors."""
    columns = model.__table__.columns  # type: ignore[attr-defined]
    names = [name for name in ("id", "version", "deleted") if name in columns]
    return known(model.__mirrors__.state, select(*(columns[name] for name in names)))
