"""The contracts of the notes service and of the services whose events it receives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_TEXT = {"type": "string"}
_ID = {"type": "string", "format": "uuid"}
_ID_OR_NULL = {"type": ["string", "null"], "format": "uuid"}
_TEXTS = {"type": "array", "items": _TEXT}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_THING = {
    "do": _TEXT,
    "marker": _TEXT,
    "state": _TEXT,
    "times": {"type": "integer"},
    "twice": {"type": "boolean"},
}
_CHANGE = {"type": "object", "properties": {"field": _TEXT, "old": {}, "new": {}}}

# Event type: properties, and which of them are required.
_EVENTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "notes.note-changed.v1": (
        {
            "id": _ID,
            "title": _TEXT,
            "amount": _TEXT_OR_NULL,
            "place": {"type": "object", "properties": {"city": _TEXT}},
        },
        ["id", "title"],
    ),
    "notes.note-archived.v1": (
        {"id": _ID, "title": _TEXT, "amount": _TEXT_OR_NULL, "archived_by": _ID},
        ["id", "archived_by"],
    ),
    "notes.note-deleted.v1": ({"id": _ID}, ["id"]),
    "notes.audit-recorded.v1": (
        {
            "id": _ID,
            "occurred_at": {"type": "string", "format": "date-time"},
            "actor_id": _ID,
            "actor_kind": _TEXT,
            "operation": _TEXT_OR_NULL,
            "action": _TEXT,
            "outcome": {"enum": ["done", "refused"]},
            "code": _TEXT_OR_NULL,
            "record_type": _TEXT,
            "record_id": _TEXT_OR_NULL,
            "changes": {"type": "array", "items": _CHANGE},
            "request_id": _TEXT_OR_NULL,
        },
        ["id", "actor_id", "action", "outcome", "changes"],
    ),
    "other.thing-happened.v1": (_THING, []),
    "other.thing-counted.v1": (_THING, []),
    "other.thing-nobody-wants.v1": (_THING, []),
    "sales.thing-sold.v1": ({"order_no": _TEXT}, ["order_no"]),
    "auth.user-changed.v1": (
        {
            "id": _ID,
            "username": _TEXT,
            "display_name": _TEXT,
            "department_id": _ID_OR_NULL,
            "roles": _TEXTS,
            "regions": _TEXTS,
            "industries": _TEXTS,
            "enabled": {"type": "boolean"},
        },
        ["id", "username", "display_name", "roles", "enabled"],
    ),
    "auth.department-changed.v1": (
        {"id": _ID, "name": _TEXT, "parent_id": _ID_OR_NULL},
        ["id", "name"],
    ),
    "auth.department-deleted.v1": ({"id": _ID}, ["id"]),
    "auth.setting-changed.v1": ({"key": _TEXT, "value": {}}, ["key", "value"]),
}
_ROLES = {
    "boss": {
        "note:create": "all",
        "note:read": "all",
        "note:export": "all",
        "note:update": "all",
        "note:delete": "all",
        "dead-letter:read": "all",
        "dead-letter:replay": "all",
        "dead-letter:discard": "all",
    },
    "leader": {"note:read": "team", "note:update": "team", "note:create": "team"},
    "member": {"note:create": "own", "note:read": "own", "note:update": "own"},
    "reader": {"note:read": "all", "note:update": "own"},
    "guest": {},
}
_SETTINGS = [
    {"key": "churn_months", "type": "integer", "default": 6},
    {"key": "audit_days", "type": "integer", "default": 1095},
    {"key": "colours", "type": "list", "default": ["red"]},
    {"key": "export_rows", "type": "integer", "default": 500},
]


def write(folder: Path) -> Path:
    """Write a complete ``contracts/`` folder."""
    for event_type, (properties, required) in _EVENTS.items():
        producer, event, version = event_type.split(".")
        place = folder / "events" / producer / event
        place.mkdir(parents=True, exist_ok=True)
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": event_type,
            "type": "object",
            "required": required,
            "properties": properties,
        }
        (place / f"{version}.schema.json").write_text(json.dumps(schema))
    roles = [{"name": name, "permissions": held} for name, held in _ROLES.items()]
    (folder / "roles.json").write_text(json.dumps(roles))
    (folder / "settings.json").write_text(json.dumps(_SETTINGS))
    return folder
