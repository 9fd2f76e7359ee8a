"""A process is killed at the worst moment: between its commit and the report of the commit."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from kehu_cli.catalogue import SERVICES
from kehu_cli.operations.containers import PROCESSES
from tests.faults.failpoints import Held, command_held, held
from tests.faults.ledger import Ledger, checked, under_load
from tests.support.compose import Installation, docker
from tests.support.stack import eventually

DELIVERIES = 6  # the first and five redeliveries


@pytest.mark.fault("F01")
def test_a_retry_returns_the_response_lost_by_a_killed_api(containers: Installation) -> None:
    """The API is killed after its commit, before it responds; the caller retries."""
    made = "SELECT count(*) FROM opportunity WHERE customer_name = '{}'"
    with checked(containers) as ledger, ThreadPoolExecutor() as pool:
        api = containers.container("marketing-api")
        with held(containers, "kehu_marketing", "INSERT ON opportunity", at_commit=True) as point:
            work = pool.submit(ledger.traffic.win, 1)
            point.wait()
            containers.freeze(api)
            point.release()
            query = made.format(f"{ledger.traffic.tag} 1")
            eventually(lambda: containers.sql("kehu_marketing", query) == "1")
            containers.kill(api)
        work.result(timeout=120)
        assert ledger.traffic.failed_attempts, "the caller had to retry"


@pytest.mark.fault("F02")
@pytest.mark.long
def test_an_unconfirmed_event_is_sent_again(containers: Installation) -> None:
    """The relay publishes to a frozen broker, and is killed."""
    polls = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE application_name LIKE '%relay%' AND query_start > '{}'"
    )
    with checked(containers) as ledger:
        broker, relay = containers.container("rabbitmq"), containers.container("marketing-relay")
        containers.freeze(broker)
        try:
            ledger.traffic.win(1)
            for _poll in range(2):
                # It publishes the events of one poll before the next.
                now = containers.sql("kehu_marketing", "SELECT clock_timestamp()")
                query = polls.format(now) + " AND datname = 'kehu_marketing'"
                eventually(lambda query=query: containers.sql("kehu_marketing", query) != "0")
            containers.kill(relay)
        finally:
            containers.resume(broker)


@pytest.mark.fault("F03")
def test_an_event_not_marked_as_sent_is_sent_again(containers: Installation) -> None:
    """The broker has confirmed; the relay is killed before it records that."""
    with checked(containers) as ledger:
        before = _duplicates(containers, "reporting")
        with held(containers, "kehu_marketing", "UPDATE ON outbox") as point:
            ledger.traffic.win(1)
            point.wait()
            containers.kill(containers.container("marketing-relay"))
        eventually(lambda: _duplicates(containers, "reporting") > before, what="a duplicate")


@pytest.mark.fault("F04")
@pytest.mark.long
def test_an_event_without_a_commit_is_handled_again(
    containers: Installation,
) -> None:
    with _half_handled(containers, at_commit=False) as (_ledger, point, consumer):
        containers.kill(consumer)
        point.release()


@pytest.mark.fault("F05")
def test_a_handled_event_is_not_handled_again(containers: Installation) -> None:
    """The consumer is killed after its commit, before it acknowledges."""
    with _half_handled(containers, at_commit=True) as (ledger, point, consumer):
        containers.freeze(consumer)
        point.release()
        [event] = ledger.traffic.published
        query = f"SELECT count(*) FROM inbox WHERE event_id = '{event}'"
        eventually(lambda: containers.sql("kehu_customer", query) == "1")
        containers.kill(consumer)
        eventually(lambda: _duplicates(containers, "customer") == 1, within=60, what="a duplicate")


@pytest.mark.fault("F19")
@pytest.mark.long
def test_an_event_that_kills_every_consumer_is_parked(containers: Installation) -> None:
    """Events published after it are handled, and in the end so is the event itself."""
    with checked(containers) as ledger:
        poison = ledger.traffic.order("poison")
        event = json.loads(poison[1])["id"]
        with held(
            containers, "kehu_customer", "INSERT ON inbox", when=f"NEW.event_id = '{event}'"
        ) as point:
            ledger.traffic.publish(poison)
            for _delivery in range(DELIVERIES):
                point.wait()
                containers.kill(containers.container("customer-consume"))
                point.end()
            point.wait()
            ledger.traffic.sell(1)
            parked = f"SELECT state FROM failed_event WHERE event_id = '{event}'"
            assert containers.sql("kehu_customer", parked) == "retrying"


@pytest.mark.fault("F06")
@pytest.mark.long
def test_random_kills_for_a_minute_change_nothing(containers: Installation) -> None:
    chance = random.Random(6)
    everything = ["gateway", "postgres", "rabbitmq"]
    everything += [f"{service}-{process}" for service in SERVICES for process in PROCESSES]
    with under_load(containers):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            containers.kill(containers.container(chance.choice(everything)))
            time.sleep(chance.uniform(0.5, 3))  # The pause is part of the experiment.


@pytest.mark.fault("F52")
@pytest.mark.long
def test_an_interrupted_migration_is_done_by_the_next_run(containers: Installation) -> None:
    """On a separate database, beside the one in use."""
    head = "SELECT version_num FROM alembic_version"
    password = containers.values["MARKETING_DATABASE_PASSWORD"]
    url = f"KEHU_DATABASE_URL=postgresql://kehu_marketing:{password}@postgres:5432/kehu_scratch"
    migrate = ("run", "--no-deps", "-e", url)
    containers.sql("postgres", "CREATE DATABASE kehu_scratch OWNER kehu_marketing")
    try:
        with checked(containers):
            with command_held(containers, "kehu_scratch", "CREATE INDEX") as point:
                name = containers.compose(*migrate, "-d", "marketing-migrate").stdout.strip()
                point.wait()
                docker("kill", name)
                point.end()
            assert "alembic_version" not in containers.sql("kehu_scratch", "\\dt")
            docker("rm", name)
            containers.compose(*migrate, "--rm", "-T", "marketing-migrate")
            assert containers.sql("kehu_scratch", head) == containers.sql("kehu_marketing", head)
    finally:
        containers.sql("postgres", "DROP DATABASE kehu_scratch WITH (FORCE)")


@contextmanager
def _half_handled(
    containers: Installation, *, at_commit: bool
) -> Iterator[tuple[Ledger, Held, str]]:
    """Publish an order; its consumer waits in the middle or at the end of its transaction."""
    with (
        checked(containers) as ledger,
        held(containers, "kehu_customer", "INSERT ON inbox", at_commit=at_commit) as point,
    ):
        ledger.traffic.sell(1)
        point.wait()
        yield ledger, point, containers.container("customer-consume")


def _duplicates(containers: Installation, service: str) -> int:
    """The number of duplicates that a service has detected since its consumer's start."""
    shown = containers.probe(f"{service}-consume", "/metrics")
    found = re.search(r'^inbox_total\{result="duplicate"\} ([0-9.]+)$', shown, re.MULTILINE)
    return int(float(found[1])) if found else 0
