"""Repeated requests with an Idempotency-Key: one effect, and no response after access was lost."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from kehu_sample.features.notes.models import Note

from kehu_chassis.actor import SYSTEM
from kehu_chassis.testing import Harness, User

KEY = "key-1"


@pytest.fixture
def author(harness: Harness) -> User:
    """Creates and changes notes, and sees its own only."""
    return harness.user("member")


def change(harness: Harness, note_id: str, **values: Any) -> None:
    """Change a note without the caller."""
    with harness.session(SYSTEM) as session:
        note = session.get_one(Note, UUID(note_id))
        for name, value in values.items():
            setattr(note, name, value)


def test_a_repeated_request_has_one_effect(harness: Harness, author: User) -> None:
    client = harness.as_(author)
    first = client.post("/notes", {"title": "x"}, 201, idempotency_key=KEY)
    again = client.post("/notes", {"title": "x"}, 201, idempotency_key=KEY)
    assert first == again
    assert client.get("/notes")["total"] == 1
    assert client.post("/notes", {"title": "y"}, 422, idempotency_key=KEY)["code"] == (
        "idempotency-key-reused"
    )


@pytest.mark.parametrize("path", ["/notes", "/notes/{id}/archive"])
def test_a_response_is_not_repeated_after_access_was_lost(
    harness: Harness, author: User, path: str
) -> None:
    """Whoever created or changed a record may no longer be the one to see it."""
    client, other = harness.as_(author), harness.user("member")
    note = client.post("/notes", {"title": "x"}, 201, idempotency_key=KEY)
    target, body = path.format(id=note["id"]), {"title": "x"} if path == "/notes" else None
    status = 201 if path == "/notes" else 200
    client.post(target, body, status, idempotency_key=KEY)
    change(harness, note["id"], created_by=other.id, owner_id=other.id)
    assert client.post(target, body, 404, idempotency_key=KEY)["code"] == "not-found"
    change(harness, note["id"], owner_id=author.id)
    client.post(target, body, status, idempotency_key=KEY)


def test_a_response_is_not_repeated_without_the_permission(harness: Harness, author: User) -> None:
    harness.as_(author).post("/notes", {"title": "x"}, 201, idempotency_key=KEY)
    demoted = User(roles=("guest",), department_id=None, username=author.username, id=author.id)
    harness.as_(demoted).post("/notes", {"title": "x"}, 403, idempotency_key=KEY)


def test_whoever_hands_a_record_over_gets_the_response_again(
    harness: Harness, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, other = harness.as_(author), harness.user("member")
    note = client.post("/notes", {"title": "x"}, 201)

    def hand_over(session: Any, _actor: Any, note_id: UUID) -> Note:
        found = session.get_one(Note, note_id)
        found.created_by = found.owner_id = other.id
        return found

    monkeypatch.setattr("kehu_sample.features.notes.service.archive", hand_over)
    path = f"/notes/{note['id']}/archive"
    first = client.post(path, idempotency_key=KEY)
    assert client.post(path, idempotency_key=KEY) == first
    client.get(f"/notes/{note['id']}", 404)


def test_a_response_is_not_repeated_after_the_record_was_deleted(
    harness: Harness, author: User
) -> None:
    client = harness.as_(author)
    note = client.post("/notes", {"title": "x"}, 201, idempotency_key=KEY)
    with harness.session(SYSTEM) as session:
        session.delete(session.get_one(Note, UUID(note["id"])))
    client.post("/notes", {"title": "x"}, 404, idempotency_key=KEY)
    assert client.get("/notes")["total"] == 0
