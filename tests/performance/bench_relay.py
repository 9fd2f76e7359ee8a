"""The rate of the outbox relay, against a bare publisher without an outbox.

Both send the same bodies to the same kind of queue (durable, quorum), persistent and mandatory,
with the same window of outstanding confirms, in turns within one run.  It also measures the time
from the commit of a change to its effect in the consuming service.

    python tests/performance/bench_relay.py --help
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pika
import psycopg
from sqlalchemy import event, text

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from kehu_chassis.actor import SYSTEM  # noqa: E402
from kehu_chassis.data import tables  # noqa: E402
from kehu_chassis.data.database import Database, new_id  # noqa: E402
from kehu_chassis.messaging import _amqp, outbox, topology  # noqa: E402
from kehu_chassis.messaging.consumer import ConsumerLoop  # noqa: E402
from kehu_chassis.messaging.contracts import Contracts  # noqa: E402
from kehu_chassis.messaging.events import Event  # noqa: E402
from kehu_chassis.messaging.inbox import Inbox, On  # noqa: E402
from kehu_chassis.messaging.relay import WINDOW, Relay  # noqa: E402
from kehu_chassis.records.commit import open_database  # noqa: E402
from tests.support import embedded_postgres, embedded_rabbitmq  # noqa: E402

TYPE = "bench.thing-changed.v1"
SERVICE = "bench"
GOAL = 0.60


@dataclass
class Stage:
    """The servers, and the options of the run."""

    database: Database
    database_url: str
    amqp_url: str
    events: int
    size: int


def main() -> None:
    options = _options()
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="kehu-bench-") as folder,
        embedded_rabbitmq.temporary() as broker,
    ):
        place = Path(folder)
        place.chmod(0o755)
        with embedded_postgres.start(place / "postgres", durable=True) as server:
            stage = _prepare(place, server.superuser_url, broker.amqp_url, options)
            _describe(stage, server.superuser_url, options)
            throughput(stage, options.rounds)
            latency(stage, options.rate, options.seconds)
            stage.database.dispose()
    print(f"took {time.monotonic() - started:.0f} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--events", type=int, default=20_000, help="events in the outbox per round (%(default)s)")
    add("--rounds", type=int, default=5, help="rounds of each publisher (%(default)s)")
    add("--size", type=int, default=512, help="bytes of an event's body (%(default)s)")
    add("--rate", type=float, default=50.0, help="events/s of the latency part (%(default)s)")
    add("--seconds", type=float, default=20.0, help="length of the latency part (%(default)s)")
    return parser.parse_args()


def _prepare(place: Path, postgres_url: str, amqp_url: str, options: Any) -> Stage:
    schema = place / "contracts/events/bench/thing-changed"
    schema.mkdir(parents=True)
    (schema / "v1.schema.json").write_text(
        json.dumps({"title": TYPE, "type": "object", "properties": {"n": {"type": "integer"}}})
    )
    contracts = Contracts(place / "contracts")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE bench")
    url = postgres_url.rsplit("/", 1)[0] + "/bench"
    database = open_database(url, service=SERVICE, pool=4, application="bench", contracts=contracts)
    with database.engine.begin() as connection:
        for statement in tables._V1.split(";"):
            if statement.strip():
                connection.execute(text(statement))
    queues = topology.queues_of(SERVICE, [TYPE])
    queues += [topology.dead_queue(SERVICE, queues), topology.UNROUTED_QUEUE]
    _amqp.declare(amqp_url, topology.EXCHANGES, queues)
    return Stage(database, url, amqp_url, options.events, options.size)


def _describe(stage: Stage, postgres_url: str, options: Any) -> None:
    with psycopg.connect(postgres_url) as connection:
        found = connection.execute("SELECT current_setting('server_version')").fetchone()
    parameters = pika.URLParameters(stage.amqp_url)
    connection = pika.BlockingConnection(parameters)
    broker = connection._impl.server_properties["version"]
    connection.close()
    print(
        f"PostgreSQL {found[0] if found else '?'} (fsync on), RabbitMQ {broker}, one node, quorum"
        f" queue; Python {platform.python_version()}, pika {pika.__version__}\n"
        f"{stage.events} events of {stage.size} bytes, window {WINDOW}, persistent, mandatory,"
        f" {options.rounds} rounds in turns"
    )


# Throughput


def throughput(stage: Stage, rounds: int) -> None:
    """Run relay and bare publisher in turns; print both rates and their ratio."""
    rates: dict[str, list[float]] = {"bare": [], "relay": []}
    turns: dict[str, Callable[[Stage], float]] = {"bare": _bare_round, "relay": _relay_round}
    for _ in range(rounds):
        for name, turn in turns.items():
            rates[name].append(stage.events / turn(stage))
            _empty(stage)
    for name, values in rates.items():
        print(
            f"{name:6} {statistics.median(values):8,.0f} events/s"
            f"   ({min(values):,.0f} to {max(values):,.0f})"
        )
    ratio = statistics.median(rates["relay"]) / statistics.median(rates["bare"])
    print(f"ratio  {ratio:8.2f}   (goal at least {GOAL:.2f})")


def _bodies(stage: Stage) -> list[str]:
    head = json.dumps({"specversion": "1.0", "type": TYPE, "data": {"text": ""}})
    return [head[:-3] + "x" * (stage.size - len(head)) + head[-3:]] * stage.events


def _relay_round(stage: Stage) -> float:
    with psycopg.connect(stage.database_url) as connection:
        cursor = connection.cursor()
        cursor.execute("TRUNCATE outbox")
        with cursor.copy("COPY outbox (id, type, subject, body, created_at) FROM STDIN") as rows:
            for body in _bodies(stage):
                rows.write_row((new_id(), TYPE, "s", body, "2026-01-01T00:00:00Z"))
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE outbox")
        stop = threading.Event()
        relay = Relay(stage.database, stage.amqp_url, SERVICE, stop)
        thread = threading.Thread(target=relay.run)
        started = time.monotonic()
        thread.start()
        while connection.execute(
            "SELECT EXISTS (SELECT FROM outbox WHERE sent_at IS NULL)"
        ).fetchone() != (False,):
            time.sleep(0.01)
        seconds = time.monotonic() - started
        stop.set()
        thread.join()
    return seconds


def _bare_round(stage: Stage) -> float:
    bodies = [body.encode() for body in _bodies(stage)]
    started = time.monotonic()
    _Bare(stage.amqp_url, bodies).run()
    return time.monotonic() - started


class _Bare:
    """The minimal pika publisher with a window of confirms."""

    def __init__(self, url: str, bodies: list[bytes]) -> None:
        self._bodies = bodies
        self._sent = self._confirmed = 0
        self._properties = pika.BasicProperties(
            content_type="application/json", delivery_mode=2, message_id="x"
        )
        self._connection = pika.SelectConnection(
            pika.URLParameters(url), on_open_callback=self._on_open
        )

    def run(self) -> None:
        self._connection.ioloop.start()
        self._connection.ioloop.close()

    def _on_open(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Any) -> None:
        self._channel = channel
        channel.confirm_delivery(self._on_confirm, callback=lambda _frame: self._fill())

    def _fill(self) -> None:
        while self._sent < len(self._bodies) and self._sent - self._confirmed < WINDOW:
            self._channel.basic_publish(
                topology.CRM_EVENTS,
                TYPE,
                self._bodies[self._sent],
                self._properties,
                mandatory=True,
            )
            self._sent += 1

    def _on_confirm(self, frame: Any) -> None:
        # Confirms of one queue on one node are in order, so the highest tag is the count.
        assert frame.method.NAME == "Basic.Ack"
        self._confirmed = max(self._confirmed, frame.method.delivery_tag)
        if self._confirmed < len(self._bodies):
            self._fill()
        else:
            self._connection.add_on_close_callback(
                lambda *_: self._connection.ioloop.call_later(0, self._connection.ioloop.stop)
            )
            self._connection.close()


def _empty(stage: Stage) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(stage.amqp_url))
    channel = connection.channel()
    for queue in topology.queues_of(SERVICE, [TYPE]):
        emptied = channel.queue_purge(queue.name).method.message_count
        assert emptied >= stage.events, f"only {emptied} of {stage.events} events arrived"
    connection.close()


# Latency


def latency(stage: Stage, rate: float, seconds: float) -> None:
    """Measure commit to effect, at a constant rate that does not wait for effects."""
    committed: dict[str, float] = {}
    effective: dict[str, float] = {}

    def handler(session: Any, received: Any) -> None:
        name = received.subject
        event.listen(
            session, "after_commit", lambda _s: effective.setdefault(name, time.monotonic())
        )

    handler.__module__ = "bench.bench_relay"
    stop = threading.Event()
    login = pika.URLParameters(stage.amqp_url).credentials.username
    contracts = stage.database.contracts
    inbox = Inbox(stage.database, contracts, [On(TYPE, handler)], shared_login=login)
    queues = topology.queues_of(SERVICE, [TYPE])
    dead = topology.dead_queue(SERVICE, queues)
    consumer = ConsumerLoop(inbox, stage.amqp_url, SERVICE, queues, dead, stop)
    relay = Relay(stage.database, stage.amqp_url, SERVICE, stop)
    threads = [threading.Thread(target=run) for run in (consumer.run, relay.run)]
    for thread in threads:
        thread.start()
    warm_up = int(rate)
    count = warm_up + int(rate * seconds)
    started = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, started + number / rate - time.monotonic()))
        with stage.database.transaction(SYSTEM) as session:
            outbox.add(session, Event(TYPE, str(number), 1, {"n": number}))
        committed[str(number)] = time.monotonic()
    deadline = time.monotonic() + 30
    while len(effective) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(effective) == count, f"only {len(effective)} of {count} events had their effect"
    waits = sorted(
        1000 * (effective[name] - committed[name]) for name in committed if int(name) >= warm_up
    )
    print(
        f"commit to effect at {rate:g} events/s: p50 {waits[len(waits) // 2]:.0f} ms,"
        f" p99 {waits[int(len(waits) * 0.99)]:.0f} ms   (goals 50 and 250)"
    )


if __name__ == "__main__":
    main()
