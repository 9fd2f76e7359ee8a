"""PostgreSQL restarts, dies, shuts one service out, or sets transactions against each other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.faults.alerts import watching
from tests.faults.failpoints import held, trigger
from tests.faults.ledger import under_load, with_care
from tests.support.compose import Installation, docker
from tests.support.stack import eventually

NEWER = 100
# A failed serialisation and a deadlock, as PostgreSQL tells them.
CONFLICT = (
    "IF random() < 0.3 THEN RAISE 'in conflict' USING ERRCODE ="
    " CASE WHEN random() < 0.5 THEN '40001' ELSE '40P01' END; END IF"
)
AWAY_SECONDS = 120


@pytest.mark.fault("F23")
@pytest.mark.long
def test_a_restart_of_the_database_costs_a_moment(containers: Installation) -> None:
    with under_load(containers) as ledger:
        docker("restart", "--time", "60", containers.container("postgres"))
    assert {status for _at, _path, status in ledger.traffic.refused} <= {503}


@pytest.mark.fault("F24")
@pytest.mark.long
def test_a_killed_database_recovers_and_so_does_everybody(containers: Installation) -> None:
    with under_load(containers) as ledger:
        containers.kill(containers.container("postgres"))
    assert {status for _at, _path, status in ledger.traffic.refused} <= {503}


@pytest.mark.fault("F25")
@pytest.mark.long
@pytest.mark.timeout(600)
def test_events_wait_for_a_database_that_is_away(containers: Installation) -> None:
    """For two minutes; none of them counts as failed, and the other services go on."""
    consumer = containers.container("reporting-consume")
    started = containers.inspect(consumer)["State"]["StartedAt"]
    with watching(containers) as alerts:
        with under_load(containers) as ledger, _shut(containers, "kehu_reporting"):
            until = time.monotonic() + AWAY_SECONDS
            alerts.fires("KehuServiceUnreachable")
            newest = "SELECT count(*) FROM outbox"
            before = int(containers.sql("kehu_marketing", newest))
            eventually(lambda: time.monotonic() > until, within=AWAY_SECONDS, what="two minutes")
            assert int(containers.sql("kehu_marketing", newest)) > before + 30
        alerts.clears("KehuServiceUnreachable")
    assert not ledger.traffic.refused
    assert containers.inspect(consumer)["State"]["StartedAt"] == started, "it waited"


@pytest.mark.fault("F27")
@pytest.mark.long
def test_transactions_in_conflict_are_tried_again(containers: Installation) -> None:
    """Every third write of an opportunity and every third effect of an event fails at first."""
    with (
        under_load(containers) as ledger,
        trigger(containers, "kehu_marketing", "INSERT OR UPDATE ON opportunity", CONFLICT),
        trigger(containers, "kehu_customer", "INSERT ON inbox", CONFLICT),
    ):
        told = len(ledger.traffic.told)
        eventually(lambda: len(ledger.traffic.told) > told + 20, within=120)
    assert {status for _at, _path, status in ledger.traffic.refused} <= {503}


@pytest.mark.fault("F30")
@pytest.mark.long
def test_an_event_that_commits_late_is_sent_though_newer_ones_were(
    containers: Installation,
) -> None:
    """Its place in the outbox was taken before theirs."""
    unsent = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"
    sent = "SELECT count(*) FROM outbox WHERE sent_at >= '{}'"
    with with_care(containers) as ledger, ThreadPoolExecutor() as pool:
        # Not its making: whoever wants the next number waits for the one before.
        path = ledger.traffic.create("late")
        late = f"NEW.subject LIKE '%{path.rpartition('/')[2]}%'"
        with held(
            containers, "kehu_marketing", "INSERT ON outbox", at_commit=True, when=late
        ) as point:
            assigned = pool.submit(ledger.traffic.assign, path)
            point.wait()
            newer = sent.format(containers.sql("kehu_marketing", "SELECT now()"))
            number = 0
            while int(containers.sql("kehu_marketing", newer)) < NEWER:
                number += 1
                ledger.traffic.win(number)
            assert point.waiting() and containers.sql("kehu_marketing", unsent) == "0"
        assigned.result(timeout=60)
        ledger.traffic.ask(ledger.traffic.manager, f"{path}/win", {"amount": "1000.00"})


@contextmanager
def _shut(containers: Installation, database: str) -> Iterator[None]:
    """Nobody gets into a database, and whoever was in it is put out."""
    containers.sql("postgres", f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
    try:
        containers.sql(
            "postgres",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'",
        )
        yield
    finally:
        containers.sql("postgres", f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
