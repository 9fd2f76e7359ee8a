"""Recording and searching the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from kehu_auth.features.audit.models import OUTCOMES, AuditEntry
from kehu_chassis import clock
from kehu_chassis.data.bulk import insert_rows
from kehu_chassis.data.database import NIL, delete_some
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.messaging.contracts import ReusedId
from kehu_chassis.messaging.events import Received
from kehu_chassis.problems import not_found
from kehu_chassis.records import audit, system_settings

_REFUSAL = UUID("0199d3a5-3b36-7d1c-9c53-1d1c6a5d2a10")
_DETAILS = ("method", "path", "permission", "status", "address", "count")
_LIMIT = 500
# What makes two entries the same, beside their id.
_IDENTITY = (
    "service", "occurred_at", "actor_id", "action", "outcome", "record_type", "record_id",
)  # fmt: skip
# For how long entries are kept, by outcome.
_DAYS = {"done": "audit_days", "refused": "audit_refusal_days"}

AUDIT_ENTRIES = Listing(
    AuditEntry,
    filters=(
        "actor_id", "record_type", "record_id", "action",
        "outcome", "service", "code", "request_id",
    ),
    choices={"outcome": OUTCOMES},
    ranges=("occurred_at",),
    sorts=("occurred_at",),
    default_sort="-occurred_at",
)  # fmt: skip


def list_(session: Session, args: dict[str, Any]) -> Page:
    """One page of the audit trail."""
    return AUDIT_ENTRIES.page(session, select(AuditEntry), args)


def get(session: Session, entry_id: UUID) -> AuditEntry:
    """One entry."""
    entry = session.get(AuditEntry, entry_id)
    if entry is None:
        raise not_found()
    return entry


def record(session: Session, events: Sequence[Received]) -> None:
    """Record the services' audit entries; one that is already here stays.

    Raises ReusedId if an id belongs to another entry, of the same service or another one: the first
    keeps it, and the second becomes a dead letter.
    """
    rows = [_from_event(event) for event in events]
    _insert(session, rows)
    columns = [getattr(AuditEntry, name) for name in ("id", *_IDENTITY)]
    known = select(*columns).where(AuditEntry.id.in_([row["id"] for row in rows]))
    stored = {entry.id: entry for entry in session.execute(known)}
    for row in rows:
        first = stored[row["id"]]
        if any(getattr(first, name) != row[name] for name in _IDENTITY):
            raise ReusedId(f"{first.service} has another audit entry of the id {first.id}")


def record_refusals(session: Session, refusals: Sequence[dict[str, Any]]) -> None:
    """Record what the gateway refused; a repeated batch changes nothing."""
    _insert(session, [_from_refusal(refusal) for refusal in refusals])


def purge(session: Session, outcome: str) -> int:
    """Delete some entries that are older than the setting of their outcome; returns how many.

    What was deleted is an entry itself.
    """
    before = clock.now() - timedelta(days=system_settings.get(session, _DAYS[outcome]))
    old = and_(AuditEntry.outcome == outcome, AuditEntry.occurred_at < before)
    deleted = delete_some(session, AuditEntry, old)
    if deleted:
        facts = {"outcome": outcome, "before": before.isoformat(), "count": deleted}
        audit.note(
            session,
            action="purged",
            record_type="audit_entry",
            changes=[{"field": k, "old": None, "new": v} for k, v in facts.items()],
        )
    return deleted


def _insert(session: Session, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert_rows(AuditEntry, rows).on_conflict_do_nothing())


def _from_event(event: Received) -> dict[str, Any]:
    data = event.data
    return {
        "id": UUID(data["id"]),
        "service": event.type.split(".")[0],
        "occurred_at": datetime.fromisoformat(data["occurred_at"]),
        "actor_id": UUID(data["actor_id"]),
        "actor_kind": data["actor_kind"],
        "operation": data["operation"],
        "action": data["action"],
        "outcome": data["outcome"],
        "code": data["code"],
        "record_type": data["record_type"],
        "record_id": data["record_id"],
        "changes": data["changes"],
        "request_id": data["request_id"],
    }


def _from_refusal(refusal: dict[str, Any]) -> dict[str, Any]:
    occurred_at: datetime = refusal["occurred_at"]
    same = (refusal["request_id"], occurred_at.isoformat(), refusal["method"], refusal["path"])
    caller = refusal["caller_id"]
    return {
        "id": uuid5(_REFUSAL, "|".join(map(str, same))),
        "service": "gateway",
        "occurred_at": occurred_at,
        "actor_id": caller or NIL,
        "actor_kind": "user" if caller else "anonymous",
        "operation": refusal["operation"],
        "action": "refused",
        "outcome": "refused",
        "code": refusal["code"],
        "record_type": refusal["record_type"],
        "record_id": refusal["record_id"],
        "changes": [
            {"field": name, "old": None, "new": _short(refusal[name])}
            for name in _DETAILS
            if refusal[name] is not None and (name != "count" or refusal[name] > 1)
        ],
        "request_id": refusal["request_id"],
    }


def _short(value: Any) -> Any:
    return value[:_LIMIT] if isinstance(value, str) else value
