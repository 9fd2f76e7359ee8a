"""The audit trail: changes by people are published to auth, in the same transaction.

Changes are read from the session, so that no use case can forget them. Changes by the system
(events, jobs) are not recorded; a job or import records itself once with `note`. If the changed
columns do not show the action, `act` names it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from kehu_chassis import clock, jsontext
from kehu_chassis.data.bulk import insert_rows
from kehu_chassis.data.database import Entity, actor_of, new_id
from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.events import Event, correlation_id
from kehu_chassis.records.changes import RecordChange
from kehu_chassis.records.record import column_changes

# The operation id of the request, as in the contract; set by the edge.
operation: ContextVar[str] = ContextVar("operation", default="")

_BOOKKEEPING = {
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "version",
    "search_text",
    "search_grams",
}
_TEXT_LIMIT = 500


def secret() -> dict[str, bool]:
    """``info=`` of a column of which the audit trail contains the name only, no values."""
    return {"audit_secret": True}


def collect(session: Session) -> None:
    """Collect the changes that are about to be flushed."""
    if actor_of(session).is_system:
        return
    for record in session.new:
        _collect(session, record, "created")
    for record in session.dirty:
        if session.is_modified(record, include_collections=False):
            _collect(session, record, "changed")
    for record in session.deleted:
        _collect(session, record, "deleted")


def _collect(session: Session, record: Any, change: str) -> None:
    if not isinstance(record, Entity):
        return
    entry = _entry(session, record, change)
    if change == "deleted":
        entry["change"] = change
        return
    columns = inspect(record).mapper.columns
    for name, old, new in column_changes(record):
        if name in _BOOKKEEPING or (change == "created" and new is None):
            continue
        if columns[name].info.get("audit_secret"):
            entry["fields"][name] = (None, None)
            continue
        first_old = entry["fields"].get(name, (old, None))[0]
        entry["fields"][name] = (first_old, new)
        if first_old == new:  # changed, flushed, and changed back
            del entry["fields"][name]


def _entry(session: Session, record: Entity, change: str) -> dict[str, Any]:
    pending: dict[int, dict[str, Any]] = session.info.setdefault("audit", {})
    return pending.setdefault(id(record), {"record": record, "change": change, "fields": {}})


def act(session: Session, record: Entity, action: str) -> None:
    """Name the action on a record: its entry has this action instead of ``changed``."""
    _entry(session, record, action)["change"] = action


def publish(session: Session) -> None:
    """Turn the changes of the session into audit events, and keep them as the records' histories;
    after the last flush."""
    rows: list[dict[str, Any]] = []
    for entry in session.info.pop("audit", {}).values():
        record = entry["record"]
        if entry["change"] == "changed" and not entry["fields"]:
            continue
        changes = [
            {"field": name, "old": _shorten(old), "new": _shorten(new)}
            for name, (old, new) in sorted(entry["fields"].items())
            if name != "id"
        ]
        action, record_type = entry["change"], record.__tablename__
        note(session, action=action, record_type=record_type, record_id=record.id, changes=changes)
        rows.append(
            {
                "id": new_id(),
                "record_type": record_type,
                "record_id": record.id,
                "occurred_at": clock.now(),
                "actor_id": actor_of(session).id,
                "action": action,
                "changes": changes,
            }
        )
    if rows:
        session.execute(insert_rows(RecordChange, rows))


def discard(session: Session) -> None:
    """Drop the collected changes, after a rollback."""
    session.info.pop("audit", None)


def note(
    session: Session,
    *,
    action: str,
    record_type: str,
    record_id: UUID | str | None = None,
    outcome: str = "done",
    changes: Iterable[dict[str, Any]] = (),
    code: str | None = None,
) -> None:
    """Record one action that was done or refused."""
    actor = actor_of(session)
    entry_id = new_id()
    outbox.add(
        session,
        Event(
            type=f"{session.info['service']}.audit-recorded.v1",
            subject=str(entry_id),
            version=1,
            data={
                "id": entry_id,
                "occurred_at": clock.now(),
                "actor_id": actor.id,
                "actor_kind": actor.kind,
                "operation": operation.get() or None,
                "action": action,
                "outcome": outcome,
                "code": code,
                "record_type": record_type,
                "record_id": str(record_id) if record_id else None,
                "changes": list(changes),
                "request_id": correlation_id.get() or None,
            },
        ),
    )


def _shorten(value: Any) -> Any:
    value = jsontext.plain(value)
    if isinstance(value, (int, float, bool)) or value is None:
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _TEXT_LIMIT else text[: _TEXT_LIMIT - 1] + "…"
