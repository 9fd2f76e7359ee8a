"""Dead letters: list, show, replay and discard failed events.

The same operations through HTTP (`web/dead_letters.py`) and the command line.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from kehu_chassis import clock
from kehu_chassis.data import validate
from kehu_chassis.data.fields import Timestamp
from kehu_chassis.data.listing import Listing
from kehu_chassis.messaging.failures import CODES, FailedEvent
from kehu_chassis.problems import not_found
from kehu_chassis.records import audit
from kehu_chassis.records.operations import Operation

_STATES = ("retrying", "dead")


class FailedEventSchema(ma.Schema):
    """A failed event without its content."""

    id = ma.fields.UUID(required=True)
    handler = ma.fields.String(required=True)
    source = ma.fields.String(required=True)
    event_id = ma.fields.String(required=True)
    route = ma.fields.String(
        allow_none=True,
        metadata={"description": "Exchange and routing key, of one that breaks its contract."},
    )
    publisher = ma.fields.String(
        allow_none=True,
        metadata={"description": "The broker's login that published it; null if it is unknown."},
    )
    type = ma.fields.String(required=True)
    attempts = ma.fields.Integer(required=True)
    code = ma.fields.String(
        allow_none=True,
        validate=validate.OneOf(CODES),
        metadata={"description": "The kind of failure; null if an earlier release stored it."},
    )
    reason = ma.fields.String(required=True)
    state = ma.fields.String(required=True, validate=validate.OneOf(_STATES))
    next_attempt_at = Timestamp(allow_none=True)
    created_at = Timestamp(required=True)
    updated_at = Timestamp(required=True)


class FailedEventDetailSchema(FailedEventSchema):
    """A failed event with its content, as text."""

    body = ma.fields.Function(lambda row: row.body.decode("utf-8", "replace"))


LISTING = Listing(
    FailedEvent,
    filters=(
        "state",
        "type",
        "handler",
        "code",
    ),
    choices={"state": _STATES, "code": CODES},
    ranges=("created_at",),
    sorts=("created_at",),
    default_sort="-created_at",
)

REPLAY = Operation("replay_dead_letter", FailedEvent, "dead-letter:replay")
DISCARD = Operation("discard_dead_letter", FailedEvent, "dead-letter:discard")

WITHOUT_BODIES = select(FailedEvent).options(defer(FailedEvent.body, raiseload=True))


def list_(session: Session, args: dict[str, Any]) -> Any:
    """One page of failed events without their contents, which could be 200 times 256 KiB."""
    return LISTING.page(session, WITHOUT_BODIES, args)


def get(session: Session, row_id: UUID, *, lock: bool = False) -> FailedEvent:
    """One failed event."""
    row = session.get(FailedEvent, row_id, with_for_update=lock)
    if row is None:
        raise not_found()
    return row


def replay(session: Session, row_id: UUID) -> FailedEvent:
    """Give a failed event a new round of attempts, starting now. One that violated its contract is
    validated again: the contract may have changed since."""
    row = get(session, row_id, lock=True)
    row.state, row.attempts = "retrying", 0
    row.next_attempt_at = row.updated_at = clock.now()
    audit.note(session, action="replayed", record_type="dead_letter", record_id=row.id)
    return row


def discard(session: Session, row_id: UUID) -> None:
    """Delete a failed event for good."""
    row = get(session, row_id, lock=True)
    audit.note(session, action="discarded", record_type="dead_letter", record_id=row.id)
    session.delete(row)
