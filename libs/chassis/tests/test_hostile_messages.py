"""Messages that no well-behaved program sends: none may stop the consumer."""

from __future__ import annotations

import hashlib
import random
import struct
import threading
from collections.abc import Iterator

import pika
import pytest
from chassis_support.amqp import Vhost, declared
from chassis_support.waiting import running, until
from kehu_sample.features.notes.models import Effect
from sqlalchemy import select, text

from kehu_chassis import backoff
from kehu_chassis.messaging import _amqp, events, failures, topology
from kehu_chassis.messaging.consumer import ConsumerLoop
from kehu_chassis.messaging.failures import UNREADABLE
from kehu_chassis.records import dead_letters
from kehu_chassis.testing import Harness

COUNTED = "other.thing-counted.v1"
SOLD = "sales.thing-sold.v1"
TYPES = (COUNTED, SOLD)


class RawHeaders(pika.BasicProperties):
    """Properties of the sales system with one header of these bytes, which pika would not write."""

    def __init__(self, value: bytes) -> None:
        super().__init__()
        self._field = b"\x01h" + value

    def encode(self) -> list[bytes]:
        flags = self.FLAG_HEADERS | self.FLAG_USER_ID
        return [struct.pack(">HI", flags, len(self._field)), self._field, b"\x05sales"]


@pytest.fixture
def consuming(
    harness: Harness, vhost: Vhost, monkeypatch: pytest.MonkeyPatch
) -> Iterator[threading.Event]:
    """A consumer of the notes service."""
    monkeypatch.setattr(backoff, "LONGEST_SECONDS", 0.1)
    *queues, dead = declared("notes", TYPES)
    _amqp.declare(vhost.url, [], [*queues, dead])
    stop = threading.Event()
    loop = ConsumerLoop(harness.inbox, vhost.url, "notes", queues, dead, stop)
    with running(loop.run, stop):
        yield stop


def effects(harness: Harness) -> set[str]:
    with harness.session() as session:
        return {row.event_id for row in session.scalars(select(Effect))}


def sold(harness: Harness, event_id: str) -> bytes:
    return harness.envelope(SOLD, {"order_no": "1"}, event_id=event_id)


def nested(levels: int) -> bytes:
    """A list in a list in a list."""
    value = b""
    for _ in range(levels):
        value = b"A" + struct.pack(">I", len(value)) + value
    return value


@pytest.mark.parametrize(
    "header",
    [
        b"T" + struct.pack(">Q", 1_800_000_000_000),
        b"T" + struct.pack(">Q", 2**64 - 1),
        nested(2000),
    ],
    ids=["milliseconds", "the end of time", "nested"],
)
def test_unreadable_headers_are_ignored(
    harness: Harness, vhost: Vhost, consuming: threading.Event, header: bytes
) -> None:
    with vhost.channel() as channel:
        channel.basic_publish(topology.SALES_EVENTS, SOLD, sold(harness, "a"), RawHeaders(header))
        body = sold(harness, "b")
        channel.basic_publish(topology.DEAD, "notes.sales", body, RawHeaders(header))
    vhost.publish(sold(harness, "c"), key=SOLD)
    until(lambda: effects(harness) == set("abc"))


@pytest.mark.parametrize("number", [b"f\x7f\xc0\x00\x00", b"d\x7f\xf0" + bytes(6)])
def test_properties_after_unreadable_headers_are_read(number: bytes) -> None:
    """Not a number, and infinity: some brokers pass them on, 3.10 rejects them."""
    properties = RawHeaders(number)
    flags = struct.pack(">H", properties.FLAG_HEADERS | properties.FLAG_MESSAGE_ID)
    encoded = flags + properties.encode()[0][2:] + properties.encode()[1] + b"\x02id"
    read = pika.BasicProperties()
    read.decode(encoded)
    assert (read.headers, read.message_id) == ({}, "id")


@pytest.mark.parametrize("key", ["sales.\0x", "sales.\n\u202e", "sales./x"])
def test_routing_keys_may_contain_any_characters(
    harness: Harness, vhost: Vhost, consuming: threading.Event, key: str
) -> None:
    vhost.publish(sold(harness, "a"), b"{", key=key)
    vhost.publish(sold(harness, "good"), key=SOLD)
    until(lambda: len(harness.failed()) == 2 and effects(harness) == {"good"})
    for row in harness.failed():
        assert row.state == "dead" and row.route is not None and "\0" not in row.route
    with harness.session() as session:
        for row in harness.failed():
            dead_letters.replay(session, row.id)
    until(lambda: all(row.state == "dead" for row in harness.failed()))
    assert effects(harness) == {"good"}


def wide(characters: int) -> str:
    """A text of four bytes per character that cannot be compressed."""
    some = random.Random(4)
    return "".join(chr(some.randrange(0x20000, 0x2A6DF)) for _ in range(characters))


@pytest.mark.parametrize("name", ["id", "source"])
def test_every_valid_id_and_source_fits_the_index(harness: Harness, name: str) -> None:
    """PostgreSQL rejects index entries of more than 2,704 bytes."""
    for characters, dead in ((123, False), (126, True), (500, True)):
        changed = {"id": wide(123), "source": wide(123)} | {name: wide(characters)}
        body = sold(harness, changed["id"]).decode()
        harness.inbox.handle([body.replace('"/sales"', f'"/sales/{changed["source"]}"').encode()])
        assert bool(harness.failed()) == dead
    assert {row.reason for row in harness.failed()} == {
        f"not a CloudEvent: {name} is missing or not a short text"
    }
    assert len(effects(harness)) == 1


def test_the_beginning_of_an_oversized_message_is_stored(harness: Harness) -> None:
    body = harness.envelope(COUNTED, {"do": "x" * 1_000_000})
    harness.inbox.handle([body])
    (row,) = harness.failed()
    assert row.body == body[: failures.MAX_STORED] and row.state == "dead"
    assert row.event_id == hashlib.sha256(body).hexdigest(), "the hash covers the whole message"
    with harness.session() as session:
        dead_letters.replay(session, row.id)
    harness.inbox.run_due()
    (row,) = harness.failed()
    assert row.state == "dead" and row.reason == f"larger than {events.MAX_BYTES} bytes"


@pytest.mark.parametrize("instruction", ["", "refuse"])
def test_an_event_that_cannot_be_stored_under_its_name_is_stored_anonymously(
    harness: Harness, instruction: str
) -> None:
    """No error in a message, or in our code, ends the consumer."""
    body = harness.envelope(COUNTED, {"do": instruction}) if instruction else b"{"
    with harness.session() as session:
        session.execute(
            text("ALTER TABLE failed_event ADD CONSTRAINT no CHECK (reason LIKE 'cannot%')")
        )
    harness.inbox.handle([body, harness.envelope(COUNTED, {}, event_id="good")])
    (row,) = harness.failed()
    assert (row.handler, row.source, row.type, row.body) == (UNREADABLE, "", "", body)
    assert row.state == ("retrying" if instruction else "dead")
    assert row.event_id == hashlib.sha256(body).hexdigest()
    assert "CheckViolation" in row.reason and row.reason.isascii()
    assert effects(harness) == {"good"}
