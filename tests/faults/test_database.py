"""PostgreSQL restarts, is killed, rejects one service, or has conflicting transactions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.faults.alerts import watching
from tests.faults.failpoints import held, trigger
from tests.faults.ledger import checked, under_load
from tests.support.compose import Installation, docker
from tests.support.stack import eventually

NEWER = 100
# A serialisation failure and a deadlock, as PostgreSQL reports them.
CONFLICT = (
    "IF random() < 0.3 THEN RAISE 'in conflict' USING ERRCODE ="
    " CASE WHEN random() < 0.5 THEN '40001' ELSE '40P01' END; END IF"
)
DOWN_SECONDS = 120


@pytest.mark.fault("F23")
@pytest.mark.long
def test_a_restart_of_the_database_causes_no_error_but_503(containers: Installation) -> None:
    with under_load(containers) as ledger:
        docker("restart", "--time", "60", containers.container("postgres"))
    assert {status for _at, _path, status in ledger.traffic.failed_attempts} <= {503}


@pytest.mark.fault("F24")
@pytest.mark.long
def test_a_killed_database_and_its_services_recover(containers: Installation) -> None:
    with under_load(containers) as ledger:
        containers.kill(containers.container("postgres"))
    assert {status for _at, _path, status in ledger.traffic.failed_attempts} <= {503}


@pytest.mark.fault("F25")
@pytest.mark.long
@pytest.mark.timeout(600)
def test_events_wait_for_a_database_that_is_down(containers: Installation) -> None:
    """They wait for two minutes; none counts as failed, and the other services continue."""
    consumer = containers.container("reporting-consume")
    started = containers.inspect(consumer)["State"]["StartedAt"]
    with watching(containers) as alerts:
        with under_load(containers) as ledger, _closed(containers, "kehu_reporting"):
            end = time.monotonic() + DOWN_SECONDS
            alerts.fires("KehuServiceUnreachable")
            number = "SELECT count(*) FROM outbox"
            before = int(containers.sql("kehu_marketing", number))
            eventually(lambda: time.monotonic() > end, within=DOWN_SECONDS, what="two minutes")
            assert int(containers.sql("kehu_marketing", number)) > before + 30
        alerts.clears("KehuServiceUnreachable")
    assert not ledger.traffic.failed_attempts
    assert containers.inspect(consumer)["State"]["StartedAt"] == started, "it waited"


@pytest.mark.fault("F27")
@pytest.mark.long
def test_conflicting_transactions_are_retried(containers: Installation) -> None:
    """About a third of the writes of opportunities and of the effects of events fail at first."""
    with (
        under_load(containers) as ledger,
        trigger(containers, "kehu_marketing", "INSERT OR UPDATE ON opportunity", CONFLICT),
        trigger(containers, "kehu_customer", "INSERT ON inbox", CONFLICT),
    ):
        before = len(ledger.traffic.published)
        eventually(lambda: len(ledger.traffic.published) > before + 20, within=120)
    assert {status for _at, _path, status in ledger.traffic.failed_attempts} <= {503}


@pytest.mark.fault("F30")
@pytest.mark.long
def test_an_event_that_commits_late_is_sent_after_newer_ones(
    containers: Installation,
) -> None:
    """Its position in the outbox is lower than theirs."""
    unsent = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"
    sent = "SELECT count(*) FROM outbox WHERE sent_at >= '{}'"
    with checked(containers) as ledger, ThreadPoolExecutor() as pool:
        # Its assignment is late, not its creation, which would block the next number.
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
        ledger.traffic.write(ledger.traffic.manager, f"{path}/win", {"amount": "1000.00"})


@contextmanager
def _closed(containers: Installation, database: str) -> Iterator[None]:
    """Reject connections to a database and end the existing ones."""
    containers.sql("postgres", f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
    try:
        containers.sql(
            "postgres",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'",
        )
        yield
    finally:
        containers.sql("postgres", f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
