"""What was received under an id: the first content under a source and id is the event.

A second event under a used id with other content is its producer's fault, not a duplicate. Content
is the type, the subject, the version of the aggregate and the data as values: the order of keys,
spaces and the spelling of a number do not count. Nor do ``time``, ``traceparent`` and the other
attributes, which a producer may write anew when it publishes an event again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from kehu_chassis.data.database import Base, delete_some, older
from kehu_chassis.messaging.events import Received


class ReceivedEvent(Base):
    """The content of an event, as a digest.  Kept as long as the inbox."""

    __tablename__ = "received_event"
    __table_args__ = (Index("ix_received_event_received_at", "received_at"),)

    source: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())


# A crash may lose this commit together with those of the events' effects, never alone: the
# messages are not yet acknowledged then.
_FAST = text("SELECT set_config('synchronous_commit', 'off', true)")
_CLAIM = text("""
    INSERT INTO received_event (source, event_id, digest)
    SELECT e.source, e.event_id, e.digest
    FROM unnest(
        CAST(:sources AS text[]), CAST(:ids AS text[]), CAST(:digests AS bytea[])
    ) AS e (source, event_id, digest)
    ON CONFLICT DO NOTHING
    RETURNING source, event_id
""")
_KNOWN = text("""
    SELECT source, event_id, digest FROM received_event
    JOIN unnest(CAST(:sources AS text[]), CAST(:ids AS text[])) AS e (source, event_id)
    USING (source, event_id)
""")
_Key = tuple[str, str]


def claim(session: Session, events: Sequence[Received]) -> list[Received]:
    """Record the content of these events; returns those whose id belongs to another event.

    Of two in one batch the first has the id; of two that arrive at once in two consumers, the one
    that commits first.
    """
    digests = [digest(event) for event in events]
    first: dict[_Key, bytes] = {}
    for event, own in zip(events, digests, strict=True):
        first.setdefault((event.source, event.id), own)
    first |= _known_elsewhere(session, first)
    return [
        event
        for event, own in zip(events, digests, strict=True)
        if first[event.source, event.id] != own
    ]


def _known_elsewhere(session: Session, wanted: dict[_Key, bytes]) -> dict[_Key, bytes]:
    """Claim the keys, in sorted order; returns the digests of those that were claimed before."""
    keys = sorted(wanted)
    session.execute(_FAST)
    claimed = session.execute(_CLAIM, _columns(keys) | {"digests": [wanted[key] for key in keys]})
    new = {(row.source, row.event_id) for row in claimed}
    others = [key for key in keys if key not in new]
    if not others:
        return {}
    # A statement of its own, which sees what another transaction has committed meanwhile.
    return {
        (row.source, row.event_id): bytes(row.digest)
        for row in session.execute(_KNOWN, _columns(others))
    }


def _columns(keys: Sequence[_Key]) -> dict[str, Any]:
    return {"sources": [key[0] for key in keys], "ids": [key[1] for key in keys]}


def digest(event: Received) -> bytes:
    """The digest of the content of an event."""
    content = [event.type, event.subject, event.version, _plain(event.data)]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _plain(value: Any) -> Any:
    """The value with each whole number as an integer: 1.0 and 1e0 are 1."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def purge(session: Session, age: timedelta) -> int:
    """Delete some of those received longer ago; returns how many."""
    return delete_some(session, ReceivedEvent, older(ReceivedEvent.received_at, age))
