"""Dead letters for administrators: list, show, replay, discard, audited."""

from __future__ import annotations

import json

import pytest
import sqlalchemy

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness, User
from kehu_chassis.testing.harness import Client

HAPPENED = "other.thing-happened.v1"


@pytest.fixture
def client(harness: Harness, boss: User) -> Client:
    bodies = [harness.envelope(HAPPENED, {"do": "refuse"}, event_id=i) for i in ("a", "b")]
    harness.inbox.handle([*bodies, b"\xffnot json"])
    return harness.as_(boss)


def test_failed_events_are_listed(client: Client) -> None:
    page = client.get("/dead-letters")
    assert page["total"] == 3
    assert all("body" not in item for item in page["items"]), "content only on request"
    assert client.get("/dead-letters?state=dead")["total"] == 1
    assert client.get(f"/dead-letters?type={HAPPENED}")["total"] == 2
    assert client.get("/dead-letters?handler=unreadable")["items"][0]["reason"].startswith("not")
    client.get("/dead-letters?state=gone", 422)
    first = client.get("/dead-letters?limit=2&sort=created_at")
    rest = client.get(f"/dead-letters?limit=2&sort=created_at&cursor={first['next_cursor']}")
    assert len({item["id"] for item in first["items"] + rest["items"]}) == 3


def test_the_list_does_not_load_bodies(harness: Harness, client: Client) -> None:
    statements: list[str] = []
    sqlalchemy.event.listen(
        harness.database.engine,
        "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )
    assert client.get("/dead-letters")["items"]
    assert any("failed_event.reason" in statement for statement in statements)
    assert not any("failed_event.body" in statement for statement in statements)


def test_a_failed_event_is_shown_with_its_body(client: Client) -> None:
    for item in client.get("/dead-letters")["items"]:
        shown = client.get(f"/dead-letters/{item['id']}")
        assert {**shown, "body": 0} == {**item, "body": 0}
        if item["handler"] == "unreadable":
            assert shown["body"] == "\ufffdnot json"
        else:
            assert json.loads(shown["body"])["data"] == {"do": "refuse"}
    client.get(f"/dead-letters/{new_id()}", 404)


def test_a_failed_event_is_replayed(harness: Harness, client: Client) -> None:
    (item, _other) = client.get("/dead-letters?state=retrying")["items"]
    response = client.post(f"/dead-letters/{item['id']}/replay", status=202)
    assert (response["state"], response["attempts"]) == ("retrying", 0)
    (entry,) = harness.published("notes.audit-recorded.v1")
    assert (entry["data"]["action"], entry["data"]["record_id"]) == ("replayed", item["id"])


def test_a_failed_event_is_discarded(harness: Harness, client: Client) -> None:
    (dead,) = client.get("/dead-letters?state=dead")["items"]
    client.expect(204, "DELETE", f"/dead-letters/{dead['id']}")
    client.expect(404, "DELETE", f"/dead-letters/{dead['id']}")
    assert len(harness.failed()) == 2
    (entry,) = harness.published("notes.audit-recorded.v1")
    assert entry["data"]["action"] == "discarded"


def test_dead_letters_require_a_permission(harness: Harness, client: Client) -> None:
    (item, *_rest) = client.get("/dead-letters")["items"]
    for user, status in ((harness.user("member"), 403), (None, 401)):
        other = harness.as_(user)
        other.get("/dead-letters", status)
        other.get(f"/dead-letters/{item['id']}", status)
        other.post(f"/dead-letters/{item['id']}/replay", status=status)
        other.expect(status, "DELETE", f"/dead-letters/{item['id']}")
    assert len(harness.failed()) == 3
