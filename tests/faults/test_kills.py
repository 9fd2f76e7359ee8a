"""A process is killed at the worst moment: between its commit and the word it owes about it."""

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
from tests.faults.ledger import Ledger, under_load, with_care
from tests.support.compose import Installation, docker
from tests.support.stack import eventually

DELIVERIES = 6  # the first and the five that the broker tries again


@pytest.mark.fault("F01")
def test_an_answer_that_was_never_given_is_given_later(containers: Installation) -> None:
    """The API has committed and dies before it can say so; the caller asks again."""
    made = "SELECT count(*) FROM opportunity WHERE customer_name = '{}'"
    with with_care(containers) as ledger, ThreadPoolExecutor() as pool:
        api = containers.container("marketing-api")
        with held(containers, "kehu_marketing", "INSERT ON opportunity", at_commit=True) as point:
            story = pool.submit(ledger.traffic.win, 1)
            point.wait()
            containers.freeze(api)
            point.let_go()
            question = made.format(f"{ledger.traffic.word} 1")
            eventually(lambda: containers.sql("kehu_marketing", question) == "1")
            containers.kill(api)
        story.result(timeout=120)
        assert ledger.traffic.refused, "the caller had to ask again"


@pytest.mark.fault("F02")
@pytest.mark.long
def test_an_event_that_the_broker_never_confirmed_is_sent_again(containers: Installation) -> None:
    """The relay has published to a broker that stands still, and dies."""
    asked = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE application_name LIKE '%relay%' AND query_start > '{}'"
    )
    with with_care(containers) as ledger:
        broker, relay = containers.container("rabbitmq"), containers.container("marketing-relay")
        containers.freeze(broker)
        try:
            ledger.traffic.win(1)
            for _look in range(2):
                # It publishes what it finds before it looks again.
                now = containers.sql("kehu_marketing", "SELECT clock_timestamp()")
                question = asked.format(now) + " AND datname = 'kehu_marketing'"
                eventually(lambda q=question: containers.sql("kehu_marketing", q) != "0")
            containers.kill(relay)
        finally:
            containers.resume(broker)


@pytest.mark.fault("F03")
def test_an_event_that_was_not_marked_as_sent_is_sent_again(containers: Installation) -> None:
    """The broker has confirmed; the relay dies before it can note that."""
    with with_care(containers) as ledger:
        before = _duplicates(containers, "reporting")
        with held(containers, "kehu_marketing", "UPDATE ON outbox") as point:
            ledger.traffic.win(1)
            point.wait()
            containers.kill(containers.container("marketing-relay"))
        eventually(lambda: _duplicates(containers, "reporting") > before, what="it came twice")


@pytest.mark.fault("F04")
@pytest.mark.long
def test_an_event_that_was_not_handled_to_the_end_is_handled_again(
    containers: Installation,
) -> None:
    with _half_handled(containers, at_commit=False) as (_ledger, point, consumer):
        containers.kill(consumer)
        point.let_go()


@pytest.mark.fault("F05")
def test_an_event_that_was_handled_is_not_handled_again(containers: Installation) -> None:
    """The consumer has committed and dies before it can tell the broker."""
    with _half_handled(containers, at_commit=True) as (ledger, point, consumer):
        containers.freeze(consumer)
        point.let_go()
        [event] = ledger.traffic.told
        question = f"SELECT count(*) FROM inbox WHERE event_id = '{event}'"
        eventually(lambda: containers.sql("kehu_customer", question) == "1")
        containers.kill(consumer)
        eventually(
            lambda: _duplicates(containers, "customer") == 1, within=60, what="it came twice"
        )


@pytest.mark.fault("F19")
@pytest.mark.long
def test_an_event_that_ends_every_consumer_is_set_aside(containers: Installation) -> None:
    """What was told with it is handled, and in the end so is the event itself."""
    with with_care(containers) as ledger:
        poison = ledger.traffic.order("poison")
        event = json.loads(poison[1])["id"]
        with held(
            containers, "kehu_customer", "INSERT ON inbox", when=f"NEW.event_id = '{event}'"
        ) as point:
            ledger.traffic.tell(poison)
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
def test_whatever_is_killed_for_a_minute_changes_nothing(containers: Installation) -> None:
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
def test_a_migration_that_was_cut_off_is_done_by_the_next(containers: Installation) -> None:
    """On a database of its own, beside the one that is in use."""
    head = "SELECT version_num FROM alembic_version"
    password = containers.values["MARKETING_DATABASE_PASSWORD"]
    url = f"KEHU_DATABASE_URL=postgresql://kehu_marketing:{password}@postgres:5432/kehu_scratch"
    migrate = ("run", "--no-deps", "-e", url)
    containers.sql("postgres", "CREATE DATABASE kehu_scratch OWNER kehu_marketing")
    try:
        with with_care(containers):
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
    """An order is told, and its consumer waits in the middle or at the end of its transaction."""
    with (
        with_care(containers) as ledger,
        held(containers, "kehu_customer", "INSERT ON inbox", at_commit=at_commit) as point,
    ):
        ledger.traffic.sell(1)
        point.wait()
        yield ledger, point, containers.container("customer-consume")


def _duplicates(containers: Installation, service: str) -> int:
    """How many events a service has recognised as handled already, since its consumer's start."""
    shown = containers.probe(f"{service}-consume", "/metrics")
    found = re.search(r'^inbox_total\{result="duplicate"\} ([0-9.]+)$', shown, re.MULTILINE)
    return int(float(found[1])) if found else 0
