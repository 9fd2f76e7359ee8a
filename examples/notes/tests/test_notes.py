"""Notes through HTTP, the outbox, the inbox and the jobs: how a feature is tested."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import func, select

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.runtime import migrate
from kehu_chassis.testing import Harness, User
from kehu_chassis.testing.operations import undeclared, untrue
from kehu_chassis.testing.plans import unserved_sorts
from kehu_notes.app import service
from kehu_notes.features.notes import rules
from kehu_notes.features.notes.models import Comment, Note
from kehu_notes.features.notes.service import NOTES

CHANGED, ARCHIVED, DELETED = (
    f"notes.note-{what}.v1" for what in ("changed", "archived", "deleted")
)


@pytest.fixture
def writer(harness: Harness) -> User:
    return harness.user("writer")


def write(harness: Harness, who: User, **form: Any) -> dict[str, Any]:
    note: dict[str, Any] = harness.as_(who).post("/notes", {"title": "Fair"} | form, 201)
    return note


def test_a_created_record_is_at_its_location(harness: Harness, writer: User) -> None:
    key = {"idempotency_key": "once"}
    made = harness.as_(writer).request("POST", "/notes", {"title": "Fair"}, **key)
    address = made.headers["Location"]
    assert address == f"/api/v1/notes/notes/{made.json['id']}"
    assert harness.as_(writer).get(address) == made.json
    again = harness.as_(writer).request("POST", "/notes", {"title": "Fair"}, **key)
    assert again.headers["Location"] == address
    comment = harness.as_(writer).request("POST", f"{address}/comments", {"body": "Yes"})
    assert comment.headers["Location"] == f"{address}/comments/{comment.json['id']}"


def topic(harness: Harness, name: str = "Fairs", version: int = 1) -> UUID:
    ident = uuid4()
    harness.deliver("topics.topic-changed.v1", {"id": str(ident), "name": name}, version=version)
    return ident


def test_a_note_is_written_shown_found_and_published(harness: Harness, writer: User) -> None:
    about = topic(harness)
    note = write(harness, writer, tags=["展会"], topic_id=str(about))
    assert (note["state"], note["score"], note["topic_name"]) == ("open", 3, "Fairs")
    shown = harness.as_(writer).get(f"/notes/{note['id']}")
    assert shown == note
    assert [n["id"] for n in harness.as_(writer).get("/notes?q=zh")["items"]] == [note["id"]]
    (event,) = harness.published(CHANGED)
    assert event["aggregateversion"] == 1 and event["data"]["tags"] == ["展会"]
    assert "body" not in event["data"]


@pytest.mark.parametrize(
    ("form", "pointer", "code"),
    [
        ({"title": ""}, "/title", "too-short"),
        ({"title": "x" * 101}, "/title", "wrong-length"),
        ({"score": 6}, "/score", "out-of-range"),
        ({"state": "archived"}, "/state", "unknown-field"),
        ({"topic_id": str(uuid4())}, "/topic_id", "unknown-reference"),
    ],
)
def test_bad_fields_are_named(
    harness: Harness, writer: User, form: dict[str, Any], pointer: str, code: str
) -> None:
    response = harness.as_(writer).post("/notes", {"title": "x"} | form, 422)
    assert [(e["pointer"], e["code"]) for e in response["errors"]] == [(pointer, code)]


def test_the_checks_come_in_one_order(harness: Harness) -> None:
    east, west = harness.department("East"), harness.department("West")
    writer, _lead = harness.user("writer", department=east), harness.user("editor", department=east)
    stranger, editor = harness.user("writer"), harness.user("editor", department=west)
    note = write(harness, writer)
    path = f"/notes/{note['id']}"
    change = {"title": "Other"}
    harness.as_(stranger).expect(404, "PATCH", path, change, if_match=9)
    harness.as_(editor).expect(403, "PATCH", path, change, if_match=9)
    harness.as_(writer).expect(428, "PATCH", path, change)
    harness.as_(writer).expect(412, "PATCH", path, change, if_match=9)
    harness.as_(writer).post(f"{path}/archive")
    harness.as_(writer).expect(412, "PATCH", path, change, if_match=1)
    refused = harness.as_(writer).expect(409, "PATCH", path, change, if_match=2)
    assert refused["params"] == {"record": "note", "state": "archived"}


def test_only_the_author_deletes_a_note(harness: Harness, writer: User) -> None:
    assignee = harness.user("writer")
    note = write(harness, writer, assignee_id=str(assignee.id))
    path = f"/notes/{note['id']}"
    harness.as_(assignee).expect(403, "DELETE", path, if_match=1)
    harness.as_(writer).expect(204, "DELETE", path, if_match=1)
    (event,) = harness.published(DELETED)
    assert (event["aggregateversion"], event["data"]) == (2, {"id": note["id"]})


def test_every_operation_is_declared() -> None:
    assert undeclared(service) == []


@pytest.mark.parametrize("state", ["open", "archived"])
def test_what_is_shown_as_allowed_is_allowed(harness: Harness, writer: User, state: str) -> None:
    east = harness.department("East")
    assignee, stranger = harness.user("writer"), harness.user("writer")
    leads = [harness.user("editor", department=each) for each in (east, harness.department("West"))]
    note = write(harness, writer, assignee_id=str(assignee.id))
    path = f"/notes/{note['id']}"
    comment = harness.as_(assignee).post(f"{path}/comments", {"body": "Yes"}, 201)
    if state == "archived":
        harness.as_(writer).post(f"{path}/archive")
    ids = {"note_id": note["id"], "comment_id": comment["id"]}
    bodies = {"add_comment": {"body": "No"}, "edit_comment": {"body": "No"}}
    for who in (writer, assignee, stranger, *leads):
        client = harness.as_(who)
        notes = client.get("/notes")["items"]
        comments = client.get(f"{path}/comments")["items"] if notes else []
        for model, shown in ((Note, notes), (Comment, comments)):
            actions = shown[0]["actions"] if shown else None
            assert untrue(harness, client, model, ids, bodies, shown=actions) == []
    mine = harness.as_(writer).get(path)
    assert mine["editable"] == (list(rules.FORM) if state == "open" else [])


def test_archiving_is_a_fact_beside_the_state(harness: Harness, writer: User) -> None:
    note = write(harness, writer)
    harness.as_(writer).post(f"/notes/{note['id']}/archive")
    harness.as_(writer).post(f"/notes/{note['id']}/archive", status=409)
    (fact,) = harness.published(ARCHIVED)
    state = harness.published(CHANGED)[-1]
    assert fact["aggregateversion"] == state["aggregateversion"] == 2
    assert fact["data"] == state["data"] | {"archived_by": str(writer.id)}


def test_a_closed_topic_archives_its_notes_once(harness: Harness, writer: User) -> None:
    about = topic(harness)
    write(harness, writer, topic_id=str(about))
    for _time in range(2):
        harness.deliver("topics.topic-closed.v1", {"id": str(about)})
    assert len(harness.published(ARCHIVED)) == 1


def test_topics_are_mirrored_in_any_order(harness: Harness, writer: User) -> None:
    about = topic(harness, version=2)
    old = {"id": str(about), "name": "Old"}
    harness.deliver("topics.topic-changed.v1", old, version=1)
    note = write(harness, writer, topic_id=str(about))
    assert note["topic_name"] == "Fairs"
    harness.deliver("topics.topic-deleted.v1", {"id": str(about)}, version=4)
    harness.deliver("topics.topic-changed.v1", old, version=3)
    harness.as_(writer).post("/notes", {"title": "x", "topic_id": str(about)}, 422)


def test_a_comment_has_a_version_of_its_own(harness: Harness, writer: User) -> None:
    note = write(harness, writer)
    path = f"/notes/{note['id']}/comments"
    comment = harness.as_(writer).post(path, {"body": "Yes"}, 201)
    one = f"{path}/{comment['id']}"
    harness.as_(harness.user("writer")).expect(404, "PATCH", one, {"body": "No"}, if_match=1)
    editor = harness.user("editor")
    refused = harness.as_(editor).expect(403, "PATCH", one, {"body": "No"}, if_match=1)
    assert refused["code"] == "own-comment-only"
    harness.as_(writer).expect(412, "PATCH", one, {"body": "No"}, if_match=5)
    assert harness.as_(writer).expect(200, "PATCH", one, {"body": "No"}, if_match=1)["version"] == 2
    assert harness.as_(writer).get(f"/notes/{note['id']}")["version"] == 1
    harness.as_(writer).post(f"/notes/{note['id']}/archive")
    none = f"{path}/{uuid4()}"
    harness.as_(writer).expect(404, "PATCH", none, {"body": "Late"}, if_match=2)
    harness.as_(writer).expect(412, "PATCH", one, {"body": "Late"}, if_match=1)
    harness.as_(writer).expect(409, "PATCH", one, {"body": "Late"}, if_match=2)


def test_comments_are_read_by_those_who_may_read_the_note(harness: Harness, writer: User) -> None:
    note = write(harness, writer)
    harness.as_(writer).post(f"/notes/{note['id']}/comments", {"body": "Yes"}, 201)

    def read_by(who: User) -> int:
        actor = Actor(who.id, "user", who.roles, scope=lambda _permission: "own")
        with harness.session() as session:
            found = select(func.count()).where(records.readable(session, actor, Comment))
            return session.scalar(found.select_from(Comment)) or 0

    assert (read_by(writer), read_by(harness.user("writer"))) == (1, 0)


def test_old_notes_are_deleted_and_published(harness: Harness, writer: User) -> None:
    with time_machine.travel(datetime.now(UTC) - timedelta(days=400), tick=True):
        harness.as_(writer).post(f"/notes/{write(harness, writer)['id']}/archive")
    write(harness, writer)
    assert harness.run_job("delete-old-notes") == {"notes": 1}
    assert len(harness.published(DELETED)) == 1


def test_of_two_concurrent_archivings_one_succeeds(harness: Harness, writer: User) -> None:
    path = f"/notes/{write(harness, writer)['id']}/archive"
    clients = [harness.as_(writer) for _time in range(2)]
    with ThreadPoolExecutor() as pool:
        statuses = pool.map(lambda client: client.request("POST", path, {}).status_code, clients)
    assert sorted(statuses) == [200, 409]
    assert len(harness.published(ARCHIVED)) == 1


def test_every_order_of_the_list_has_an_index(harness: Harness) -> None:
    assert unserved_sorts(harness, NOTES, select(Note)) == []


def test_models_and_migrations_agree(harness: Harness) -> None:
    migrate.check(service, harness.database)


@pytest.mark.parametrize("event_type", ["topics.topic-changed.v1", "topics.topic-deleted.v1"])
def test_the_contract_examples_are_ingested(harness: Harness, event_type: str) -> None:
    harness.deliver(event_type, harness.example(event_type))
