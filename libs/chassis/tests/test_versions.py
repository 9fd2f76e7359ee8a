"""Versions, If-Match and Idempotency-Key."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from chassis_support.waiting import at_once, until
from flask import Flask
from kehu_sample.features.notes.models import Note
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from kehu_chassis.actor import SYSTEM
from kehu_chassis.data import idempotency
from kehu_chassis.data.database import advisory_lock, new_id
from kehu_chassis.records import precondition
from kehu_chassis.testing import Harness, User
from kehu_chassis.testing.harness import Client
from kehu_chassis.web import document, etags


@pytest.fixture
def client(harness: Harness, boss: User) -> Client:
    return harness.as_(boss)


@pytest.fixture
def note(client: Client) -> dict[str, Any]:
    created: dict[str, Any] = client.post("/notes", {"title": "one"}, 201)
    return created


def titles(harness: Harness) -> list[str]:
    with harness.session() as session:
        return list(session.scalars(select(Note.title).order_by(Note.created_at)))


def version_in(response: TestResponse) -> int:
    """The version that an ETag begins with."""
    return int(response.headers["ETag"].strip('"').partition("-")[0])


def test_the_etag_begins_with_the_version(client: Client, note: dict[str, Any]) -> None:
    path = f"/notes/{note['id']}"
    response = client.request("GET", path)
    assert (version_in(response), response.get_json()["version"]) == (1, 1)
    response = client.request("PATCH", path, {"title": "two"}, if_match=response.headers["ETag"])
    assert (version_in(response), response.get_json()["version"]) == (2, 2)
    assert client.request("GET", path).headers["ETag"] == response.headers["ETag"]
    assert version_in(client.request("POST", f"{path}/archive")) == 3


def test_what_did_not_change_is_sent_once(client: Client, note: dict[str, Any]) -> None:
    for path in (f"/notes/{note['id']}", "/notes"):
        first = client.request("GET", path)
        tag = first.headers["ETag"]
        assert first.headers["Cache-Control"] == "private, no-cache"
        for known in (tag, f'"1-0", W/{tag}', "*"):
            again = client.request("GET", path, if_none_match=known)
            assert (again.status_code, again.data) == (304, b"")
            assert (again.headers["ETag"], again.headers["Cache-Control"]) == (
                tag, "private, no-cache",
            )  # fmt: skip
        assert client.request("GET", path, if_none_match='"1"').status_code == 200
        # RFC 9110 lets If-Match refuse a GET; here it is about changes only.
        assert client.request("GET", path, if_match=9).status_code == 200
        client.expect(200, "PATCH", f"/notes/{note['id']}", {"title": path}, if_match="*")
        changed = client.request("GET", path, if_none_match=tag)
        assert changed.status_code == 200 and changed.headers["ETag"] != tag


def test_a_name_from_elsewhere_changes_the_etag_and_not_the_version() -> None:
    app = Flask("test")
    with app.test_request_context("/"):
        one, two = (
            etags.tagged(app.json.response(version=3, name=name), 3).headers["ETag"]
            for name in ("Li", "Wang")
        )
    assert one != two
    assert precondition.read(one, required=True) == precondition.read(two, required=True)


def test_changes_are_never_answered_with_304(client: Client, note: dict[str, Any]) -> None:
    path = f"/notes/{note['id']}"
    tag = client.request("GET", path).headers["ETag"]
    change = {"title": "two"}
    response = client.request("PATCH", path, change, if_match=tag, if_none_match="*")
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        (None, 428),
        ('"1"', 200),
        ("*", 200),
        ('"7", "1"', 200),
        ('W/"1"', 200),
        ('"1-0123456789abcdef0123"', 200),
        ('W/"1-0"', 200),
        ('"2-0123456789abcdef0123"', 412),
        ('"-1"', 412),
        ('"1-x"', 412),
        ('"2"', 412),
        ('"0"', 412),
        ("1", 412),
        ('"abc"', 412),
        ("", 412),
        ('"' + "9" * 40 + '"', 412),
    ],
)
@pytest.mark.fault("F47")
def test_if_match(client: Client, note: dict[str, Any], if_match: str | None, status: int) -> None:
    """F47"""
    headers = {} if if_match is None else {"if_match": if_match}
    response = client.request("PATCH", f"/notes/{note['id']}", {"title": "two"}, **headers)
    assert response.status_code == status, response.text
    if status != 200:
        code = {428: "precondition-required", 412: "stale-version"}[status]
        assert json.loads(response.data)["code"] == code
        assert client.get(f"/notes/{note['id']}")["title"] == "one"


def test_only_one_of_several_concurrent_changes_succeeds(
    harness: Harness, boss: User, note: dict[str, Any]
) -> None:
    works = [
        partial(
            harness.as_(boss).request, "PATCH", f"/notes/{note['id']}", {"title": t}, if_match=1
        )
        for t in "abcd"
    ]
    assert sorted(response.status_code for response in at_once(*works)) == [200, 412, 412, 412]


def test_deleting_requires_the_version(client: Client, note: dict[str, Any]) -> None:
    path = f"/notes/{note['id']}"
    client.expect(428, "DELETE", path)
    client.expect(412, "DELETE", path, if_match=5)
    client.expect(204, "DELETE", path, if_match=1)
    client.expect(404, "DELETE", path, if_match=1)


def test_a_change_without_a_version_check_fails(client: Client, note: dict[str, Any]) -> None:
    """A forgotten check is a programming error, found at the first call."""
    path = f"/notes/{note['id']}"
    client.expect(500, "PUT", path, {"title": "two"}, if_match=1)
    assert client.get(path)["title"] == "one", "and nothing was changed"


def test_the_contract_documents_if_match_where_it_is_required(harness: Harness, boss: User) -> None:
    client = harness.app.test_client()
    headers = {"Authorization": f"Bearer {harness.identity.token(boss)}"}
    seen = set()
    for path, operations in document(harness.app)["paths"].items():
        for method in operations.keys() & {"get", "post", "put", "patch", "delete"}:
            documented = [p for p in operations[method]["parameters"] if p["name"] == "If-Match"]
            address = re.sub(r"\{\w+\}", str(new_id()), path)
            status = client.open(
                address, method=method, headers=headers, json={}, buffered=True
            ).status_code
            assert (status == 428) == bool(documented), f"{method} {path}: {status}"
            assert all(parameter["required"] for parameter in documented)
            seen.add((method, bool(documented)))
    assert {("patch", True), ("delete", True), ("delete", False)} <= seen


def test_the_contract_documents_idempotency_keys(harness: Harness) -> None:
    """The caller of a public POST is unknown, so no response is stored for it."""
    posts = [path["post"] for path in document(harness.app)["paths"].values() if "post" in path]
    documented = {
        post["operationId"]
        for post in posts
        if any(parameter["name"] == "Idempotency-Key" for parameter in post["parameters"])
    }
    assert documented == {post["operationId"] for post in posts if post["x-permission"] != "public"}
    for number in (1, 2):
        response = harness.as_(None).post("/notes/echo", {"number": number}, idempotency_key="k")
        assert response["number"] == number


def test_for_a_post_if_match_is_optional(client: Client, note: dict[str, Any]) -> None:
    path = f"/notes/{note['id']}/archive"
    client.expect(412, "POST", path, {}, if_match=9)
    client.post(path, {})
    rejected = client.post(path, {}, 409)
    assert rejected["params"] == {"record": "note", "state": "archived"}
    client.expect(412, "POST", path, {}, if_match=1)


def test_a_repeated_request_gets_the_first_response(harness: Harness, client: Client) -> None:
    first = client.request("POST", "/notes", {"title": "a", "rank": 1}, idempotency_key="k")
    repeat = client.request("POST", "/notes", {"rank": 1, "title": "a"}, idempotency_key="k")
    assert first.status_code == repeat.status_code == 201
    assert first.data == repeat.data and first.headers["ETag"] == repeat.headers["ETag"]
    assert repeat.content_type == first.content_type
    assert titles(harness) == ["a"]


def test_the_same_key_with_another_body_is_rejected(harness: Harness, client: Client) -> None:
    client.post("/notes", {"title": "a"}, 201, idempotency_key="k")
    response = client.post("/notes", {"title": "b"}, 422, idempotency_key="k")
    assert response["code"] == "idempotency-key-reused" and titles(harness) == ["a"]


def test_keys_are_scoped_by_caller_and_route(harness: Harness, client: Client) -> None:
    first = client.post("/notes", {"title": "a"}, 201, idempotency_key="k")
    other = harness.as_(harness.user("boss"))
    assert other.post("/notes", {"title": "a"}, 201, idempotency_key="k")["id"] != first["id"]
    assert client.post("/notes/queue", {"title": "a"}, 201, idempotency_key="k")["id"] not in (
        first["id"],
    )
    assert len(titles(harness)) == 3


def test_a_rejected_request_does_not_use_up_its_key(harness: Harness, client: Client) -> None:
    client.post("/notes", {"title": ""}, 422, idempotency_key="k")
    client.post("/notes", {"title": "a"}, 201, idempotency_key="k")
    assert titles(harness) == ["a"]


@pytest.mark.parametrize("key", ["", "   ", "x" * 256, "a\x7fb"])
def test_an_invalid_key_is_rejected(client: Client, key: str) -> None:
    client.post("/notes", {"title": "a"}, 422, idempotency_key=key)


@pytest.mark.fault("F46")
def test_twenty_concurrent_requests_have_one_effect(harness: Harness, boss: User) -> None:
    """F46: one record; the other requests get 409 or the same response."""
    body = {"title": "a"}
    works = [
        partial(harness.as_(boss).request, "POST", "/notes", body, idempotency_key="k")
        for _ in range(20)
    ]
    responses = at_once(*works)
    assert {response.status_code for response in responses} <= {201, 409}
    assert len({response.data for response in responses if response.status_code == 201}) == 1
    assert len(titles(harness)) == 1
    for response in responses:
        if response.status_code == 409:
            assert json.loads(response.data)["code"] == "idempotency-key-running"
            assert response.headers["Retry-After"] == "1"
    # From now on all requests get the response, even concurrently.
    repeats = at_once(*works)
    assert {response.status_code for response in repeats} == {201}
    assert len({response.data for response in repeats}) == 1


def test_a_repeat_while_the_first_runs_gets_409(harness: Harness, boss: User) -> None:
    send = partial(
        harness.as_(boss).request, "POST", "/notes/queue", {"title": "a"}, idempotency_key="k"
    )
    with harness.session() as holder:
        advisory_lock(holder, "queue")

        def second() -> int:
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            until(lambda: holder.scalar(waiting))
            status = send().status_code
            holder.rollback()
            return status

        first, status = at_once(send, second)
    assert (first.status_code, status) == (201, 409)  # type: ignore[union-attr]
    assert send().data == first.data  # type: ignore[union-attr]
    assert len(titles(harness)) == 1


def test_a_key_expires_after_a_day(harness: Harness, client: Client) -> None:
    client.post("/notes", {"title": "a"}, 201, idempotency_key="k")
    _age(harness, "23:55")
    client.post("/notes", {"title": "a"}, 201, idempotency_key="k")
    assert titles(harness) == ["a"]
    _age(harness, "00:10")
    client.post("/notes", {"title": "b"}, 201, idempotency_key="k")
    assert harness.database.run(SYSTEM, idempotency.purge) == 0, "renewed"
    assert titles(harness) == ["a", "b"]


def _age(harness: Harness, by: str) -> None:
    """Let this time pass for the stored responses; their age is the database's."""
    with harness.session() as session:
        aged = "UPDATE idempotency_key SET created_at = created_at - CAST(:by AS interval)"
        session.execute(text(aged), {"by": by})


def test_expired_responses_are_purged(harness: Harness, client: Client) -> None:
    client.post("/notes", {"title": "a"}, 201, idempotency_key="k")
    _age(harness, "23:55")
    # F40: the clock of a jobs process that is wrong deletes nothing.
    with time_machine.travel(datetime.now(UTC) + timedelta(days=5)):
        assert harness.database.run(SYSTEM, idempotency.purge) == 0
    _age(harness, "00:10")
    assert harness.database.run(SYSTEM, idempotency.purge) == 1


def test_effect_and_response_are_stored_together(
    harness: Harness, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(idempotency, "store", fail)
    client.post("/notes", {"title": "a"}, 500, idempotency_key="k")
    with harness.session() as session:
        assert session.scalar(select(func.count()).select_from(Note)) == 0
