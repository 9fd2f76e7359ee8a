"""Repeated requests: the stored response is returned while its caller may still see the record."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Response, current_app, g, request
from sqlalchemy.orm import Session

from kehu_chassis.data import idempotency
from kehu_chassis.data.idempotency import Key, Shown
from kehu_chassis.identity import refusals
from kehu_chassis.problems import not_found
from kehu_chassis.records import access
from kehu_chassis.records.record import Record

_STORED_HEADERS = ("Content-Type", "ETag", "Location")


def key_of_request() -> Key | None:
    """The Idempotency-Key of a POST by somebody, or None."""
    if request.method != "POST" or g.actor.kind == "anonymous":
        return None
    return idempotency.read(
        request.headers.get("Idempotency-Key"),
        g.actor.id,
        request.method,
        request.path,
        request.get_data(cache=True),
    )


def stored_response(session: Session, key: Key) -> Response | None:
    """The response to the first request with this key, if any; 404 without access to its record,
    as for any record that the caller may not see."""
    stored = idempotency.stored_response(session, key)
    if stored is None:
        return None
    if stored.record_type is not None and stored.record_id is not None:
        model = _guarded(stored.record_type)
        if model is None or not access.is_own(session, g.actor, model, stored.record_id):
            raise not_found()
    return Response(stored.body, status=stored.status, headers=stored.headers)


def store(session: Session, key: Key, permission: str, response: Response) -> None:
    """Store the response to a first request, in the transaction of its effect."""
    headers = {name: response.headers[name] for name in _STORED_HEADERS if name in response.headers}
    body = response.get_data()
    shown = _shown(session, permission, body)
    idempotency.store(session, key, response.status_code, headers, body, shown)


def _shown(session: Session, permission: str, body: bytes) -> Shown | None:
    """The record that the response shows, unless its caller has no access to it already now: who
    hands a record over must receive the response even if it has to be repeated."""
    parameters = {name: str(value) for name, value in (request.view_args or {}).items()}
    record_type, found = refusals.record_of(permission, parameters)
    model = _guarded(record_type)
    record_id = _uuid(found if found is not None else _id_in(body))
    if model is None or record_id is None:
        return None
    visible = access.is_own(session, g.actor, model, record_id)
    return Shown(record_type, record_id) if visible else None


def _guarded(record_type: str) -> type[Record] | None:
    service = current_app.extensions["kehu.service"]
    found: type[Record] | None = service.guarded().get(record_type)
    return found


def _id_in(body: bytes) -> Any:
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document.get("id") if isinstance(document, dict) else None


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(text)
    except (ValueError, TypeError, AttributeError):
        return None
