"""The audit trail: one entry for each change and refusal of people, and no secrets."""

from __future__ import annotations

from typing import Any

import pytest
from kehu_sample.features.notes.models import Note

from kehu_chassis.actor import Actor
from kehu_chassis.data.database import new_id
from kehu_chassis.identity import refusals
from kehu_chassis.records import audit
from kehu_chassis.testing import Harness, User
from kehu_chassis.testing.harness import Client
from kehu_chassis.web import create_app


@pytest.fixture
def client(harness: Harness, boss: User) -> Client:
    return harness.as_(boss)


def trail(harness: Harness) -> list[dict[str, Any]]:
    return [event["data"] for event in harness.published("notes.audit-recorded.v1")]


def fields(entry: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {change["field"]: (change["old"], change["new"]) for change in entry["changes"]}


def test_create_change_delete(harness: Harness, client: Client, boss: User) -> None:
    note = client.post("/notes", {"title": "one", "amount": "1.50"}, 201)
    path = f"/notes/{note['id']}"
    client.expect(200, "PATCH", path, {"title": "two", "amount": "1.5"}, if_match=1)
    client.expect(204, "DELETE", path, if_match=2, x_request_id="request-0001")
    created, changed, deleted = trail(harness)
    assert [e["action"] for e in (created, changed, deleted)] == ["created", "changed", "deleted"]
    assert fields(created) == {
        "title": (None, "one"),
        "amount": (None, "1.50"),
        "status": (None, "open"),
    }
    assert fields(changed)["title"] == ("one", "two")
    for entry in (created, changed, deleted):
        assert entry["record_type"] == "note" and entry["record_id"] == note["id"]
        assert entry["actor_id"] == str(boss.id) and entry["actor_kind"] == "user"
        assert entry["outcome"] == "done" and entry["code"] is None
    assert deleted["request_id"] == "request-0001"
    assert deleted["operation"] == "delete_note"


def test_secrets_are_named_without_their_values(harness: Harness, client: Client) -> None:
    note = client.post("/notes", {"title": "x", "secret": "swordfish"}, 201)
    client.expect(200, "PATCH", f"/notes/{note['id']}", {"secret": "trout"}, if_match=1)
    created, changed = trail(harness)
    assert fields(created)["secret"] == fields(changed)["secret"] == (None, None)
    assert "swordfish" not in str(harness.published()) and "trout" not in str(harness.published())


def test_several_flushes_give_one_entry(harness: Harness) -> None:
    actor = Actor(new_id(), "user")
    with harness.session(actor) as session:
        note = Note(title="one")
        session.add(note)
        session.flush()
        note.title = "two"
        session.flush()
    (entry,) = trail(harness)
    assert entry["action"] == "created" and fields(entry)["title"] == (None, "two")
    with harness.session(actor) as session:
        note = session.get_one(Note, note.id)
        for title in ("three", "four"):
            note.title = title
            session.flush()
    assert fields(trail(harness)[1]) == {"title": ("two", "four")}


def test_default_values_are_recorded(harness: Harness) -> None:
    with harness.session(Actor(new_id(), "user")) as session:
        session.add(Note(title="one"))
    assert fields(trail(harness)[0]) == {"title": (None, "one"), "status": (None, "open")}


def test_a_reverted_change_is_not_recorded(harness: Harness) -> None:
    actor = Actor(new_id(), "user")
    with harness.session(actor) as session:
        note = Note(title="one")
        session.add(note)
    with harness.session(actor) as session:
        note = session.get_one(Note, note.id)
        for title, secret in (("two", "trout"), ("one", None)):
            note.title, note.secret = title, secret
            session.flush()
    # Of a secret it is only recorded that it changed.
    assert fields(trail(harness)[1]) == {"secret": (None, None)}


@pytest.mark.parametrize("flushed_before", [True, False])
def test_a_named_action_has_one_entry(harness: Harness, flushed_before: bool) -> None:
    actor = Actor(new_id(), "user")
    with harness.session(actor) as session:
        note = Note(title="one")
        session.add(note)
    with harness.session(actor) as session:
        note = session.get_one(Note, note.id)
        note.title = "two"
        if flushed_before:
            session.flush()
        audit.act(session, note, "renamed")
    _created, renamed = trail(harness)
    assert (renamed["action"], renamed["record_id"]) == ("renamed", str(note.id))
    assert fields(renamed) == {"title": ("one", "two")}


def test_an_unchanged_record_is_not_recorded(harness: Harness, client: Client) -> None:
    note = client.post("/notes", {"title": "x"}, 201)
    client.expect(200, "PATCH", f"/notes/{note['id']}", {"title": "x"}, if_match=1)
    client.get("/notes")
    assert len(trail(harness)) == 1


def test_changes_by_the_system_are_not_recorded(harness: Harness) -> None:
    with harness.session() as session:
        session.add(Note(title="x"))
    harness.run_job("count-notes")
    assert trail(harness) == []


def test_a_service_account_is_recorded(harness: Harness) -> None:
    with harness.session(Actor(new_id(), "service")) as session:
        session.add(Note(title="x"))
    assert trail(harness)[0]["actor_kind"] == "service"


def test_a_rolled_back_change_is_not_recorded(harness: Harness, client: Client) -> None:
    topic = str(new_id())
    client.post("/notes", {"title": "x", "topic_id": topic}, 201)
    conflict = client.post("/notes", {"title": "y", "topic_id": topic}, 409)
    assert conflict["code"] == "conflict"
    assert len(trail(harness)) == 1


def test_refusals_are_recorded(harness: Harness, client: Client) -> None:
    note = client.post("/notes", {"title": "x"}, 201)
    reader, guest = harness.user("reader"), harness.user("guest")
    path = f"/notes/{note['id']}"
    harness.as_(reader).expect(403, "PATCH", path, {"title": "y"}, if_match=1)
    harness.as_(guest).expect(403, "POST", "/notes", {"title": "y"})
    harness.as_(None).expect(401, "GET", "/notes")
    _created, by_reader, by_guest = trail(harness)
    assert by_reader["outcome"] == by_guest["outcome"] == "refused"
    assert by_reader["code"] == by_guest["code"] == "forbidden"
    assert by_reader["actor_id"] == str(reader.id) and by_reader["record_id"] == note["id"]
    assert by_guest["record_id"] is None and by_guest["changes"] == []
    assert by_reader["record_type"] == by_guest["record_type"] == "note"


def test_a_refusal_that_cannot_be_recorded_is_still_a_403(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = harness.another_database(pool=1)
    monkeypatch.setattr(database.engine.pool, "_timeout", 0.1)
    app = create_app(harness.service, database, harness.identity.authority)
    token = harness.identity.token(harness.user("guest"))
    guest = Client(app.test_client(), "/api/v1/notes", token)
    with database.engine.connect(), database.engine.connect():
        assert guest.get("/notes", 403)["code"] == "forbidden"
    database.dispose()


def test_a_refusal_before_a_password_change_records_the_actor(
    harness: Harness, client: Client
) -> None:
    note = client.post("/notes", {"title": "x"}, 201)
    reader = harness.user("reader")
    harness.as_(reader, must_change_password=True).get(f"/notes/{note['id']}", 403)
    entry = trail(harness)[-1]
    assert (entry["code"], entry["actor_id"]) == ("password-change-required", str(reader.id))
    assert (entry["record_type"], entry["record_id"]) == ("note", note["id"])


@pytest.mark.parametrize(
    ("permission", "parameters", "record"),
    [
        ("note:create", {}, ("note", None)),
        ("note:update", {"note_id": "1"}, ("note", "1")),
        ("big-note:confirm", {"note_id": "1"}, ("big_note", "1")),
        ("line:update", {"note_id": "1", "line_id": "2"}, ("line", "2")),
        ("line:create", {"note_id": "1"}, ("note", "1")),
        ("note:plan", {"note_id": "1", "item_id": "2"}, ("note", "1")),
        ("setting:update", {"key": "x"}, ("setting", "x")),
        ("authenticated", {"notice_id": "1"}, ("notice", "1")),
        ("authenticated", {}, ("request", None)),
    ],
)
def test_refusals_name_the_record_like_its_changes(
    permission: str, parameters: dict[str, str], record: tuple[str, str | None]
) -> None:
    assert refusals.record_of(permission, parameters) == record


def test_long_values_are_truncated(harness: Harness) -> None:
    with harness.session(Actor(new_id(), "user")) as session:
        session.add(Note(title="x" * 5000))
    assert fields(trail(harness)[0])["title"] == (None, "x" * 499 + "…")


def test_a_job_records_itself_once(harness: Harness) -> None:
    with harness.session() as session:
        session.add_all([Note(title=str(n)) for n in range(3)])
        audit.note(session, action="imported", record_type="note")
    (entry,) = trail(harness)
    assert (entry["action"], entry["actor_kind"]) == ("imported", "system")
