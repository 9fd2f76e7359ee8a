"""The HTTP edge with invalid input: always a 4xx with the reason, never a 500."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kehu_chassis.testing import Harness, User
from kehu_chassis.testing.harness import Client

ECHO = "/api/v1/notes/notes/echo"


@pytest.fixture
def client(harness: Harness, boss: User) -> Client:
    return harness.as_(boss)


@pytest.fixture
def raw(harness: Harness) -> FlaskClient:
    return harness.app.test_client()


def problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    document: dict[str, Any] = json.loads(response.data)
    assert document["status"] == status and document["code"] == code
    assert document["type"] == f"urn:kehu:problem:{code}"
    assert document["request_id"] == response.headers["X-Request-Id"]
    assert document["title"] and document["detail"]
    return document


def pointers(document: dict[str, Any]) -> dict[str, str]:
    return {error["pointer"]: error["code"] for error in document["errors"]}


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/title", "required"),
        ({"title": None}, "/title", "null"),
        ({"title": 5}, "/title", "wrong-type"),
        ({"title": ""}, "/title", "too-short"),
        ({"title": "   "}, "/title", "too-short"),
        ({"title": "x" * 101}, "/title", "wrong-length"),
        ({"title": "x", "titel": "y"}, "/titel", "unknown-field"),
        ({"title": "x", "owner_id": "me"}, "/owner_id", "wrong-type"),
        ({"title": "x", "rank": 1001}, "/rank", "out-of-range"),
        ({"title": "x", "rank": "many"}, "/rank", "wrong-type"),
        ({"title": "x", "amount": "1.001"}, "/amount", "too-precise"),
        ({"title": "x", "amount": f"0.1{'0' * 29}1"}, "/amount", "too-precise"),
        ({"title": "x", "amount": "-1"}, "/amount", "out-of-range"),
        ({"title": "x", "amount": "10000000000000000"}, "/amount", "out-of-range"),
        ({"title": "x", "amount": "NaN"}, "/amount", "amount-spelling"),
        ({"title": "x", "amount": "1e40"}, "/amount", "amount-spelling"),
        ({"title": "x", "amount": 12.5}, "/amount", "wrong-type"),
        ({"title": "x", "pinned": "off"}, "/pinned", "wrong-type"),
        ({"title": "x", "pinned": "true"}, "/pinned", "wrong-type"),
        ({"title": "x", "pinned": 0}, "/pinned", "wrong-type"),
        ({"title": "x", "pinned": 1.0}, "/pinned", "wrong-type"),
        ({"title": "x", "due_on": "2026-02-30"}, "/due_on", "wrong-type"),
        ({"title": "x", "remind_at": "2026-11-21T10:00:00"}, "/remind_at", "wrong-type"),
        ({"title": "x", "remind_at": "9999-12-31T23:59:59-14:00"}, "/remind_at", "wrong-type"),
        ({"title": "x", "remind_at": "0001-01-01T00:00:00+14:00"}, "/remind_at", "wrong-type"),
    ],
)
def test_invalid_fields(client: Client, body: dict[str, Any], pointer: str, code: str) -> None:
    document = problem(client.request("POST", "/notes", body), 422, "validation-failed")
    assert pointers(document) == {pointer: code}


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1.000", "1.00"),
        ("5", "5.00"),
        ("0", "0.00"),
        ("9999999999999999.99", "9999999999999999.99"),
    ],
)
def test_amounts_are_stored_and_published_in_the_decimals_of_their_currency(
    harness: Harness, client: Client, written: str, amount: str
) -> None:
    assert client.post("/notes", {"title": "x", "amount": written}, 201)["amount"] == amount
    (event,) = harness.published("notes.note-changed.v1")
    assert event["data"]["amount"] == amount


@pytest.mark.parametrize(
    ("body", "params", "english", "chinese"),
    [
        ({}, {}, "This field is required.", "此项必填。"),
        ({"title": None}, {}, "This field may not be null.", "此项不能为 null。"),
        ({"title": 5}, {"type": "string"}, "This must be text.", "此项必须是文本。"),
        ({"title": "x", "titel": 1}, {}, "There is no such field.", "没有此字段。"),
        ({"title": "x" * 101}, {"min": 1, "max": 100}, "1 to 100", "长度必须在 1 到 100 之间。"),
        ({"title": "  "}, {"min": 1}, "at least 1", "长度不能少于 1。"),
        ({"title": "x", "secret": "x" * 201}, {"min": 0, "max": 200}, "0 to 200", "0 到 200"),
        ({"title": "x", "rank": 1001}, {"min": -1000, "max": 1000}, "-1000 and 1000", "1000"),
        ({"title": "x", "rank": "x"}, {"type": "integer"}, "a whole number", "整数"),
        ({"title": "x", "due_on": "x"}, {"type": "date"}, "2007-12-13", "日期"),
        ({"title": "x", "remind_at": "x"}, {"type": "datetime"}, "offset", "UTC 偏移"),
        ({"title": "x", "owner_id": "x"}, {"type": "UUID"}, "an id", "标识"),
        ({"title": "x", "amount": "1.001"}, {"max": 2}, "2 decimals", "2 位小数"),
        (
            {"title": "x", "amount": "-1"},
            {"min": 0, "max": "9999999999999999.9999"},
            "0 and 9",
            "0",
        ),
        ({"title": "x", "amount": "NaN"}, {}, "plain digits", "只能写数字"),
        ([], {"type": "object"}, "an object", "对象"),
    ],
)
def test_field_errors_are_in_the_callers_language(
    client: Client, body: Any, params: dict[str, Any], english: str, chinese: str
) -> None:
    for language, sentence in (("en", english), ("zh", chinese)):
        response = client.request("POST", "/notes", body, accept_language=language)
        (error,) = problem(response, 422, "validation-failed")["errors"]
        assert sentence in error["detail"], error
        assert error["params"] == params
        if language == "zh":
            assert not re.search("[a-z]{5}", error["detail"]), error


def test_an_amount_that_may_be_negative_has_its_own_limits(client: Client) -> None:
    """A list can be filtered by amounts below zero."""
    response = client.request("GET", "/notes?amount_from=-10000000000000000")
    (error,) = problem(response, 422, "validation-failed")["errors"]
    assert error["code"] == "out-of-range"
    assert error["params"] == {"min": "-9999999999999999.9999", "max": "9999999999999999.9999"}
    client.get("/notes?amount_from=-1")


def test_a_currency_is_exactly_three_letters(raw: FlaskClient) -> None:
    assert raw.post(ECHO, json={"currency": "CNY"}).get_json() == {"currency": "CNY"}
    for bad in ("CNY\n", "cny", "CNYX", "CN"):
        response = raw.post(ECHO, json={"currency": bad})
        assert pointers(problem(response, 422, "validation-failed")) == {"/currency": "invalid"}


def test_the_error_lists_the_choices(client: Client) -> None:
    response = client.request("GET", "/notes?status=lost", accept_language="zh")
    (error,) = problem(response, 422, "validation-failed")["errors"]
    assert error["params"] == {"choices": ["open", "archived"]}
    assert error["detail"] == "此项必须是以下之一：open, archived。"


def test_an_idempotency_key_that_is_too_long_is_reported(client: Client) -> None:
    response = client.request("POST", "/notes", {"title": "x"}, idempotency_key="x" * 256)
    (error,) = problem(response, 422, "validation-failed")["errors"]
    assert (error["pointer"], error["code"]) == ("/Idempotency-Key", "wrong-length")


def test_all_faults_are_reported_at_once(client: Client) -> None:
    body = {"titel": 1, "rank": "x", "due_on": "x"}
    document = problem(client.request("POST", "/notes", body), 422, "validation-failed")
    assert pointers(document) == {
        "/titel": "unknown-field",
        "/title": "required",
        "/rank": "wrong-type",
        "/due_on": "wrong-type",
    }


def test_pointers_include_list_indexes_and_are_escaped(raw: FlaskClient) -> None:
    body = {"lines": [{"title": "x"}, {"title": "x", "a/b~c": 1}], "number": 1e999}
    text = json.dumps(body).replace("Infinity", "1e999")
    response = raw.post(ECHO, data=text, content_type="application/json")
    found = pointers(problem(response, 422, "validation-failed"))
    assert set(found) == {"/lines/1/a~1b~0c", "/number"}


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "invalid-json"),
        (b"", "application/json", 400, "invalid-json"),
        (b"\xff\xfe", "application/json", 400, "invalid-json"),
        ('{"value": "é"}'.encode("latin-1"), "application/json", 400, "invalid-json"),
        (b'{"value": NaN}', "application/json", 400, "invalid-json"),
        (b'{"value": -Infinity}', "application/json", 400, "invalid-json"),
        (b"[" * 100_000, "application/json", 400, "invalid-json"),
        (b'{"value": ' + b"9" * 5000 + b"}", "application/json", 400, "invalid-json"),
        (b'{"value": ' + b"[" * 500 + b"]" * 500 + b"}", "application/json", 422, ""),
        (b'{"value": ' + b'[{"a":' * 300 + b"1" + b"}]" * 300 + b"}", "application/json", 422, ""),
        (b'{"value": "\\u0000"}', "application/json", 422, ""),
        (b'{"value": ["\\ud800"]}', "application/json", 422, ""),
        (b'{"\\u0000": 1}', "application/json", 422, ""),
        (b"[]", "application/json", 422, ""),
        (b'"text"', "application/json", 422, ""),
        (b"null", "application/json", 422, ""),
        (b'{"value": 1}', "text/plain", 415, "unsupported-media-type"),
        (b"value=1", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (b'{"value": 1}', "", 415, "unsupported-media-type"),
        (b'{"value": "' + b"x" * 1_100_000 + b'"}', "application/json", 413, "payload-too-large"),
    ],
    ids=lambda value: value[:24] if isinstance(value, bytes) else None,
)  # fmt: skip
def test_invalid_bodies_are_rejected(
    raw: FlaskClient, body: bytes, content_type: str, status: int, code: str
) -> None:
    response = raw.post(ECHO, data=body, content_type=content_type)
    problem(response, status, code or "validation-failed")


def test_valid_bodies_are_accepted(raw: FlaskClient) -> None:
    for value in ("客户 😀", "\\", 2**70, 1.5, None, True, [[[1]]], {"a": {"b": []}}):
        response = raw.post(ECHO, json={"value": value})
        assert response.status_code == 200 and response.get_json()["value"] == value
    charset = "application/json; charset=utf-8"
    assert raw.post(ECHO, data=b'{"value": 1}', content_type=charset).status_code == 200
    assert raw.post(ECHO, data=b"", content_type="").get_json() == {}


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("statsu=open", "/statsu", "unknown-field"),
        ("status=open&status=archived", "/status", "given-twice"),
        ("status=lost", "/status/0", "not-a-choice"),
        ("q=%00", "/q", "unstorable-text"),
        ("q=" + "x" * 101, "/q", "wrong-length"),
        ("%00=1", "/\x00", "unstorable-text"),
        ("limit=0", "/limit", "out-of-range"),
        ("limit=201", "/limit", "out-of-range"),
        ("limit=all", "/limit", "wrong-type"),
        ("sort=secret", "/sort", "not-a-choice"),
        ("sort=title;drop", "/sort", "not-a-choice"),
        ("owner_id=me", "/owner_id/0", "wrong-type"),
        ("owner_id=" + ",".join(["x"] * 51), "/owner_id/0", "wrong-type"),
        ("amount_from=lots", "/amount_from", "amount-spelling"),
        ("limit=1_0", "/limit", "wrong-type"),
        ("limit=%EF%BC%95", "/limit", "wrong-type"),
        ("limit=+5", "/limit", "wrong-type"),
        ("limit=05", "/limit", "wrong-type"),
        ("rank_from=%205", "/rank_from", "wrong-type"),
        ("rank_from=99999999999", "/rank_from", "out-of-range"),
        ("due_on_to=soon", "/due_on_to", "wrong-type"),
        ("remind_at_from=2026-11-31", "/remind_at_from", "wrong-type"),
        ("pinned=perhaps", "/pinned/0", "wrong-type"),
    ],
)
def test_invalid_queries_are_rejected(client: Client, query: str, pointer: str, code: str) -> None:
    response = client.request("GET", f"/notes?{query}")
    found = pointers(problem(response, 422, "validation-failed"))
    assert found[pointer] == code


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b'{"titel": 1}', "application/json", 422, "validation-failed"),
        (b"[]", "application/json", 422, "validation-failed"),
        (b"{", "application/json", 400, "invalid-json"),
        (b"titel=1", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        # An empty body is accepted: the note just does not exist.
        (b"{}", "application/json", 404, "not-found"),
        (b"", "application/json", 404, "not-found"),
        (b"", "", 404, "not-found"),
    ],
)
def test_an_undeclared_body_is_rejected(
    harness: Harness, boss: User, body: bytes, content_type: str, status: int, code: str
) -> None:
    headers = {"Authorization": f"Bearer {harness.identity.token(boss)}", "If-Match": "*"}
    note = f"/api/v1/notes/notes/{boss.id}"
    for method, path in (("POST", f"{note}/archive"), ("DELETE", note)):
        response = harness.app.test_client().open(
            path, method=method, data=body, content_type=content_type, headers=headers
        )
        problem(response, status, code)


@pytest.mark.parametrize("path", ["/notes/me", "/notes/01920000-0000-7000-8000-000000000000"])
def test_an_undeclared_parameter_is_rejected(client: Client, path: str) -> None:
    response = client.request("GET", f"{path}?limit=1")
    assert pointers(problem(response, 422, "validation-failed")) == {"/limit": "unknown-field"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/notes/not-an-id", 404, "not-found"),
        ("GET", "/notes/%00", 404, "not-found"),
        ("GET", "/notes/%FF%FE", 404, "not-found"),
        ("PUT", "/notes", 405, "method-not-allowed"),
        ("TRACE", "/notes", 405, "method-not-allowed"),
    ],
)
def test_invalid_paths_and_methods_are_rejected(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    response = client.request(method, path)
    problem(response, status, code)
    if status == 405:
        assert set(response.headers["Allow"].split(", ")) >= {"GET", "POST"}


def test_a_valid_request_id_is_adopted(raw: FlaskClient) -> None:
    address = "/api/v1/notes/nothing"
    given = raw.get(address, headers={"X-Request-Id": "my-request:1"})
    assert problem(given, 404, "not-found")["request_id"] == "my-request:1"
    for bad in ("short", "x" * 200, "-leading", "with space inside", "<script>alert(1)</script>"):
        response = raw.get(address, headers={"X-Request-Id": bad})
        assert problem(response, 404, "not-found")["request_id"] != bad
