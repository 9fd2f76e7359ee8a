"""Outgoing and received events: validation, rejection, and error messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kehu_chassis.data.database import new_id
from kehu_chassis.messaging import events
from kehu_chassis.messaging.contracts import ContractError, Contracts
from kehu_chassis.messaging.events import MAX_BYTES, Event

TYPE = "other.thing-happened.v1"


@pytest.fixture(scope="module")
def contracts(contracts_folder: Path) -> Contracts:
    return Contracts(contracts_folder)


def envelope(**changes: Any) -> dict[str, Any]:
    whole = {
        "specversion": "1.0",
        "id": "an-id",
        "source": "/kehu/other",
        "type": TYPE,
        "subject": "s",
        "time": "2026-11-21T10:00:00+08:00",
        "aggregateversion": 3,
        "data": {},
    }
    return {name: value for name, value in (whole | changes).items() if value is not ...}


def rejection(body: bytes, contracts: Contracts) -> str:
    with pytest.raises(ContractError) as caught:
        events.decode(body, contracts)
    return str(caught.value)


def nested(levels: int, inmost: str = "1") -> bytes:
    """An event with an additional property of so many nested levels."""
    text = json.dumps(envelope(data={"extra": "HERE"}))
    return text.replace('"HERE"', "[" * levels + inmost + "]" * levels).encode()


def test_a_valid_event_is_decoded(contracts: Contracts) -> None:
    body = json.dumps(envelope(correlationid="c", data={"do": "", "unknown": 1})).encode()
    received = events.decode(body, contracts)
    assert (received.id, received.source, received.version) == ("an-id", "/kehu/other", 3)
    assert (received.name, received.correlation_id) == ("thing-happened", "c")
    assert received.time.isoformat() == "2026-11-21T10:00:00+08:00"
    assert received.data["unknown"] == 1, "additions are allowed"
    assert received.body == body


@pytest.mark.parametrize("long", ["x" * 501, "客" * 167, 7, None])
def test_long_attributes_are_not_passed_on(contracts: Contracts, long: Any) -> None:
    body = json.dumps(envelope(correlationid=long, traceparent=long)).encode()
    received = events.decode(body, contracts)
    assert (received.correlation_id, received.traceparent) == ("an-id", "")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"id": ...}, "id"),
        ({"id": ""}, "id"),
        ({"id": "x" * 501}, "id"),
        ({"id": 7}, "id"),
        ({"source": ...}, "source"),
        ({"type": ...}, "type"),
        ({"type": "other.thing"}, "unknown event type"),
        ({"type": "other.thing-happened.v99"}, "unknown event type"),
        ({"type": "other.thing-happened.v1\n"}, "unknown event type"),
        ({"type": "../../etc.passwd.v1"}, "unknown event type"),
        ({"subject": ...}, "subject"),
        ({"subject": ""}, "subject"),
        ({"aggregateversion": ...}, "aggregateversion"),
        ({"aggregateversion": -1}, "aggregateversion"),
        ({"aggregateversion": True}, "aggregateversion"),
        ({"aggregateversion": "3"}, "aggregateversion"),
        ({"aggregateversion": 2**63}, "aggregateversion"),
        ({"time": "yesterday"}, "time"),
        ({"time": "2026-11-21T10:00:00"}, "offset"),
        ({"time": 5}, "time"),
        ({"data": ...}, "data"),
        ({"data": []}, "data"),
        ({"data": {"times": "three"}}, "times"),
        ({"type": "sales.thing-sold.v1", "data": {}}, "order_no"),
    ],
)
def test_an_invalid_envelope_is_rejected(
    contracts: Contracts, changes: dict[str, Any], word: str
) -> None:
    assert word in rejection(json.dumps(envelope(**changes)).encode(), contracts)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "not an object"),
        (b"\xff\xfe", "not JSON"),
        ("é".encode("latin-1"), "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (json.dumps(envelope(data={"do": "\x00"})).encode(), "NUL"),
        (json.dumps(envelope(data={"\x00": 1})).encode(), "NUL"),
        (json.dumps(envelope(data={"do": ["\ud800"]})).encode(), "surrogate"),
        (json.dumps(envelope()).replace("{}", '{"times": NaN}').encode(), "not JSON"),
        (json.dumps(envelope()).replace("{}", '{"x": ' + "9" * 5000 + "}").encode(), "not JSON"),
        (nested(100), "nested"),
        (nested(500), "nested"),
        (nested(500, '"\\u0041"'), "nested"),
        (json.dumps(envelope(data={"do": "x" * 300_000})).encode(), "larger than"),
    ],
    ids=lambda value: value[:20] if isinstance(value, (str, bytes)) else None,
)
def test_bytes_that_are_no_event_are_rejected(contracts: Contracts, body: bytes, word: str) -> None:
    assert word in rejection(body, contracts)


def test_escapes_of_ordinary_characters_are_accepted(contracts: Contracts) -> None:
    text = json.dumps(envelope(data={"do": "客户 😀"}))
    assert "\\u" in text
    assert events.decode(text.encode(), contracts).data["do"] == "客户 😀"
    events.decode(nested(20), contracts)


def test_the_publisher_validates_against_the_closed_schema(contracts: Contracts) -> None:
    good = {"id": new_id(), "title": "x", "place": {"city": "上海"}}
    made = events.encode(Event("notes.note-changed.v1", "s", 1, good), contracts)
    event_id, body = made.id, made.body
    assert "上海" in body and str(event_id) in body
    for bad, word in (
        (good | {"titel": "x"}, "titel"),
        (good | {"place": {"town": "x"}}, "town"),
        ({"id": new_id()}, "title"),
        (good | {"id": "no-uuid"}, "id"),
    ):
        with pytest.raises(ContractError, match=word):
            events.encode(Event("notes.note-changed.v1", "s", 1, bad), contracts)
    with pytest.raises(ContractError, match="unknown event type"):
        events.encode(Event("notes.note-lost.v1", "s", 1, {}), contracts)


def test_the_reason_quotes_little_of_the_value(contracts: Contracts) -> None:
    long = json.dumps(envelope(data={"times": "secret " * 1000})).encode()
    assert len(rejection(long, contracts)) < 300


@pytest.mark.parametrize(("size", "fits"), [(200_000, True), (MAX_BYTES, False)])
def test_outgoing_events_have_a_size_limit(contracts: Contracts, size: int, fits: bool) -> None:
    event = Event("notes.note-changed.v1", "s", 1, {"id": new_id(), "title": "x" * size})
    if fits:
        events.encode(event, contracts)
        return
    with pytest.raises(ContractError, match="larger than 262144"):
        events.encode(event, contracts)
