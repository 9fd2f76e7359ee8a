"""Outages under load: of the database under requests, of the broker under events."""

from __future__ import annotations

import json
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from chassis_support.amqp import Vhost, declared, new_vhost
from chassis_support.waiting import running, until
from kehu_sample.app import service as notes
from kehu_sample.features.notes.models import Effect, Note
from sqlalchemy import func, select

from kehu_chassis import backoff
from kehu_chassis.data.database import Database, new_id
from kehu_chassis.messaging import _amqp, outbox, topology
from kehu_chassis.messaging.consumer import ConsumerLoop
from kehu_chassis.messaging.events import Event
from kehu_chassis.messaging.relay import Relay
from kehu_chassis.runtime import migrate
from kehu_chassis.testing import Harness
from tests.support import embedded_postgres, embedded_rabbitmq
from tests.support.servers import Broker


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server can enter even under another account."""
    with tempfile.TemporaryDirectory(prefix="kehu-outage-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.fault("F23")
def test_the_database_restarts_under_requests(folder: Path, contracts_folder: Path) -> None:
    """F23: success, or 503 with Retry-After; never a 500, and every 201 is stored."""
    server = embedded_postgres.start(folder / "server", durable=False)
    url = server.superuser_url
    database = Database(url, service="notes", pool=2, application="migrate")
    migrate.upgrade(notes, database)
    database.dispose()
    harness = Harness(notes, url, contracts_folder)
    boss = harness.user("boss")
    responses: Counter[int] = Counter()
    created: list[str] = []
    bad: list[str] = []
    stop = threading.Event()

    def load() -> None:
        client = harness.as_(boss)
        while not stop.is_set():
            response = client.request("POST", "/notes", {"title": "x"})
            responses[response.status_code] += 1
            if response.status_code == 201:
                created.append(response.get_json()["id"])
            elif response.status_code != 503 or response.headers.get("Retry-After") != "5":
                bad.append(response.text)
            client.request("GET", "/notes?limit=1")

    with running(load, stop), running(load, stop), running(load, stop):
        until(lambda: responses[201] > 20)
        server.stop()
        until(lambda: responses[503] > 5)
        port = urlsplit(url).port
        server = embedded_postgres.start(folder / "server", durable=False, port=port)
        before = responses[201]
        until(lambda: responses[201] > before + 20, what="the pool recovers")
    assert bad == []
    with harness.session() as session:
        stored = session.scalar(select(func.count()).select_from(Note)) or 0
        assert len(created) <= stored <= len(created) + 3, "a response may have been lost"
        found = session.scalars(select(func.count()).where(Note.id.in_(created))).one()
        assert found == len(created)
    harness.close()
    server.stop()


@pytest.fixture
def fragile_broker() -> Iterator[embedded_rabbitmq.Broker]:
    """A separate broker, as the test kills it."""
    with embedded_rabbitmq.temporary() as server:
        yield server


@pytest.fixture
def vhost(fragile_broker: embedded_rabbitmq.Broker) -> Iterator[Vhost]:
    """A virtual host in that broker."""
    own = Broker(fragile_broker.amqp_url, fragile_broker.management_url, {})
    with new_vhost(own) as vhost:
        yield vhost


def _keeps_its_queues(broker: embedded_rabbitmq.Broker) -> bool:
    """RabbitMQ 3.10 writes the names of new quorum queues to disk a second after confirming their
    declaration; this test does not cover a crash within that second."""
    data = broker._state_dir
    queues = {path.parent.name for path in data.rglob("quorum/**/config")}
    names = b"".join(path.read_bytes() for path in data.rglob("names.dets"))
    return all(queue.encode() in names for queue in queues)


@pytest.mark.fault("F12")
def test_the_broker_crashes_under_events(
    harness: Harness,
    fragile_broker: embedded_rabbitmq.Broker,
    vhost: Vhost,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """F12: relay and consumer keep running; every event has its effect once."""
    monkeypatch.setattr(backoff, "LONGEST_SECONDS", 0.2)
    types = ["other.thing-counted.v1"]
    *queues, dead = declared("notes", types)
    _amqp.declare(vhost.url, [], [*queues, dead])
    with vhost.channel() as channel:
        channel.queue_declare("listener", durable=True, arguments={"x-queue-type": "quorum"})
        channel.queue_bind("listener", topology.CRM_EVENTS, "notes.#")
    stop = threading.Event()
    relaying = Relay(harness.database, vhost.url, "notes", stop)
    consuming = ConsumerLoop(harness.inbox, vhost.url, "notes", queues, dead, stop)
    ids = [str(number) for number in range(600)]
    bodies = [harness.envelope(types[0], {}, event_id=event_id) for event_id in ids]
    vhost.publish(*bodies[:500], key=types[0])
    _add(harness, 2000)
    with running(relaying.run, stop), running(consuming.run, stop):
        until(lambda: _sent(harness) and len(_effects(harness)) > 0, what="some events handled")
        until(lambda: _keeps_its_queues(fragile_broker), what="the queues are on disk")
        fragile_broker.kill()
        _add(harness, 10)
        fragile_broker.restart()
        vhost.publish(*bodies[500:], key=types[0])
        until(lambda: _sent(harness) == 2010, what="everything sent")
        until(lambda: len(_effects(harness)) == 600, what="everything handled")
    assert _effects(harness) == Counter(ids)
    assert harness.failed() == []
    waiting = until(partial(vhost.ready, "listener"))
    arrived = {json.loads(body)["id"] for _m, _p, body in vhost.take("listener", waiting)}
    assert arrived == {envelope["id"] for envelope in harness.published()}


def _add(harness: Harness, count: int) -> None:
    with harness.session() as session:
        for _ in range(count):
            data = {"id": new_id(), "title": "x"}
            outbox.add(session, Event("notes.note-changed.v1", "s", 1, data))


def _sent(harness: Harness) -> int:
    with harness.session() as session:
        return session.scalars(select(func.count(outbox.OutboxRow.sent_at))).one()


def _effects(harness: Harness) -> Counter[str]:
    with harness.session() as session:
        return Counter(row.event_id for row in session.scalars(select(Effect)))
