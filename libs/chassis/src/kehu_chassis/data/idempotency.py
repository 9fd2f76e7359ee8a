"""Idempotency-Key on POST: the first response is stored with its effect and returned again."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, func, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from kehu_chassis.data.database import Base, delete_some, older
from kehu_chassis.problems import Problem, invalid

KEPT = timedelta(hours=24)
MAX_KEY = 255


class StoredResponse(Base):
    """The response to a request with an Idempotency-Key, and the record shown. Kept for a day."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_created_at", "created_at"),)

    caller: Mapped[UUID] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    record_type: Mapped[str | None]
    record_id: Mapped[UUID | None]


@dataclass(frozen=True)
class Shown:
    """The record that a response shows: its type, as in the audit trail, and its id."""

    record_type: str
    record_id: UUID


@dataclass(frozen=True)
class Key:
    """An Idempotency-Key, scoped by caller and route, with a hash of its request.

    Both are stored as hashes only, that of the request keyed with the client's own key: a body may
    contain a password, and a plain hash of it could be attacked for a day.
    """

    caller: UUID
    route: str
    value: str
    request_hash: str


def read(header: str | None, caller: UUID, method: str, path: str, body: bytes) -> Key | None:
    """The key of a request, or None; 422 for a key that is empty or too long."""
    if header is None:
        return None
    if not header.strip() or len(header) > MAX_KEY or not header.isprintable():
        raise invalid("/Idempotency-Key", "wrong-length", min=1, max=MAX_KEY)
    route = f"{method} {path}"
    secret = header.encode()
    request_hash = hmac.new(secret, _canonical(body), hashlib.sha256).hexdigest()
    return Key(caller, route, hashlib.sha256(secret).hexdigest(), request_hash)


def _canonical(body: bytes) -> bytes:
    try:
        return json.dumps(json.loads(body), sort_keys=True).encode()
    except (ValueError, RecursionError):
        return body


def stored_response(session: Session, key: Key) -> StoredResponse | None:
    """The stored response of an earlier request, or None if this one is the first.

    Holds a lock on the key until the transaction ends, so that concurrent requests have one effect:
    409 while the first still runs, 422 if the key was used for another request. Once the response
    is stored, any number of requests can read it at once, without the lock.
    """
    name = f"{key.caller}|{key.route}|{key.value}"
    locked = session.execute(
        text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 1))"), {"name": name}
    ).scalar_one()
    stored = session.scalar(
        select(StoredResponse).where(
            StoredResponse.caller == key.caller,
            StoredResponse.route == key.route,
            StoredResponse.key == key.value,
            ~older(StoredResponse.created_at, KEPT),
        )
    )
    if stored is None:
        if not locked:
            raise Problem(409, "idempotency-key-running", headers={"Retry-After": "1"})
        return None
    if stored.request_hash != key.request_hash:
        raise Problem(422, "idempotency-key-reused")
    return stored


def store(
    session: Session,
    key: Key,
    status: int,
    headers: dict[str, str],
    body: bytes,
    shown: Shown | None,
) -> None:
    """Store the response in the transaction of its effect."""
    ident = {"caller": key.caller, "route": key.route, "key": key.value}
    response = {
        "request_hash": key.request_hash,
        "status": status,
        "headers": headers,
        "body": body,
        "created_at": func.now(),
        "record_type": shown.record_type if shown else None,
        "record_id": shown.record_id if shown else None,
    }
    statement = insert(StoredResponse).values(ident | response)
    # An expired response may still be there.
    session.execute(statement.on_conflict_do_update(index_elements=list(ident), set_=response))


def purge(session: Session) -> int:
    """Delete some expired responses; returns how many."""
    return delete_some(session, StoredResponse, older(StoredResponse.created_at, KEPT))
