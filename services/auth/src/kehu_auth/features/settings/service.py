"""System settings.  The contract defines them; this service owns their values.

The values are in the chassis's table, which mirrors this one in the other services.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_auth import environment
from kehu_auth.features.settings import events, rules
from kehu_chassis.data.database import advisory_lock
from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.events import Event
from kehu_chassis.messaging.versions import owned
from kehu_chassis.problems import not_found
from kehu_chassis.records import audit, precondition, system_settings
from kehu_chassis.records.system_settings import SettingRow


def list_(session: Session) -> dict[str, Any]:
    """All settings, in the order of the contract."""
    rows = {row.key: row for row in session.scalars(select(SettingRow))}
    return {"items": [_shown(entry, rows.get(key)) for key, entry in _catalogue().items()]}


def get(session: Session, key: str) -> SimpleNamespace:
    """One setting."""
    return _shown(_entry(key), session.get(SettingRow, key))


def change(session: Session, key: str, *, value: Any) -> SimpleNamespace:
    """Give a setting another value, and publish it to the services."""
    entry = _entry(key)
    advisory_lock(session, f"setting:{key}")
    row = session.get(SettingRow, key)
    before = _shown(entry, row)
    precondition.check(before)
    rules.check(entry, value)
    if row is None:
        row = SettingRow(key=key, version=0)
        session.add(row)
    row.value, row.version = value, row.version + 1
    session.flush()
    audit.note(
        session,
        action="changed",
        record_type="setting",
        record_id=key,
        changes=[{"field": "value", "old": before.value, "new": value}],
    )
    outbox.add(session, events.changed(row))
    return _shown(entry, row)


def snapshots(session: Session) -> Iterator[Event]:
    """The present value of every setting that was changed."""
    for row in session.scalars(select(SettingRow).order_by(SettingRow.key)):
        yield events.changed(row)


def _catalogue() -> dict[str, dict[str, Any]]:
    return system_settings.catalogue(environment.contracts().path)


def _entry(key: str) -> dict[str, Any]:
    entry = _catalogue().get(key)
    if entry is None:
        raise not_found()
    return entry


def _shown(entry: dict[str, Any], row: SettingRow | None) -> SimpleNamespace:
    value, version = (row.value, row.version) if row else (entry["default"], 0)
    return SimpleNamespace(**entry, value=value, version=version)


VERSIONS = [owned("auth.setting-changed.v1", select(SettingRow.key, SettingRow.version))]
