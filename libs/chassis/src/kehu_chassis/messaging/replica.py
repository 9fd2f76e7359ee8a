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

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

from kehu_chassis.messaging import projection
from kehu_chassis.messaging.events import Received
from kehu_chassis.messaging.inbox import On
from kehu_chassis.messaging.versions import Versions, known

# How long a request waits for the event of a record that was made a moment ago elsewhere.
WAIT_SECONDS = 2.0
_MOMENT_SECONDS = 60.0
_PAUSE_SECONDS = 0.05
# The threads of a process that may wait: ids that nobody has must not hold the others.
_places = threading.BoundedSemaphore(2)

R = TypeVar("R", bound="Replica")


@dataclass(frozen=True)
class Mirrors:
    """The state event that a replica follows, and the event of a deletion.

    A deletion that can be undone is followed by one for good, ``purged``: until then the replica
    keeps what it knows of the record, so that others can still show its name.
    """

    state: str
    deleted: str | None = None
    purged: str | None = None


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


def awaited(session: Session, model: type[R], record_id: UUID) -> R | None:
    """The mirrored record of an id in a request; None if it is not known.

    One that was made a moment ago is waited for, as its event may be on its way, unless others
    wait.
    """
    found = session.get(model, record_id)
    if found is not None or not _is_new(record_id) or not _places.acquire(blocking=False):
        return found
    try:
        deadline = time.monotonic() + WAIT_SECONDS
        while found is None and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)
            found = session.get(model, record_id)
        return found
    finally:
        _places.release()


def _is_new(record_id: UUID) -> bool:
    """Whether the id is of the last minute: ours are of version 7, which begins with the time."""
    made = (record_id.int >> 80) / 1000
    return record_id.version == 7 and abs(time.time() - made) < _MOMENT_SECONDS


def store(session: Session, model: type[Replica], events: Sequence[Received], **more: Any) -> None:
    """Store the newest state of each record, in whatever order the events arrive; ``more`` are
    further columns."""
    rows = [
        projection.row_of(model, event, model.from_state(event.data)) | more for event in events
    ]
    projection.store(session, model, rows, "id")


def subscriptions(model: type[Replica]) -> list[On]:
    """The subscriptions of a replica."""
    mirrors, name = model.__mirrors__, f"replica.{model.__tablename__}"  # type: ignore[attr-defined]

    def store_states(session: Session, events: Sequence[Received]) -> None:
        store(session, model, events)

    def keep_deleted(session: Session, events: Sequence[Received]) -> None:
        store(session, model, [event for event in events if _has_state(event)], deleted=True)
        rest = _tombstones(model, [event for event in events if not _has_state(event)])
        projection.store(session, model, rest, "id", only=("deleted", "version"))

    def store_tombstones(session: Session, events: Sequence[Received]) -> None:
        projection.store(session, model, _tombstones(model, events), "id")

    found = [On(mirrors.state, store_states, batch=True, key=name)]
    if mirrors.deleted is not None:
        handle = keep_deleted if mirrors.purged else store_tombstones
        found.append(On(mirrors.deleted, handle, batch=True, key=f"{name}.deleted"))
    if mirrors.purged is not None:
        found.append(On(mirrors.purged, store_tombstones, batch=True, key=f"{name}.purged"))
    return found


def _has_state(event: Received) -> bool:
    # Earlier releases published a deletion with the id only.
    return bool(event.data.keys() - {"id"})


def _tombstones(model: type[Replica], events: Sequence[Received]) -> list[projection.Row]:
    # Also of an unknown record, so that an older event that arrives later cannot revive it.
    return [
        projection.blank(model, id=UUID(event.data["id"]), version=event.version, deleted=True)
        for event in events
    ]


def versions(model: type[Replica]) -> Versions:
    """The versions of the records that a replica mirrors."""
    columns = model.__table__.columns  # type: ignore[attr-defined]
    names = [name for name in ("id", "version", "deleted") if name in columns]
    return known(model.__mirrors__.state, select(*(columns[name] for name in names)))
