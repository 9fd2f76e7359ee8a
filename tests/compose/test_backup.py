"""A backup is restored while people work, and on a new host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
import urllib3

from kehu_cli.catalogue import SERVICES
from tests.support.compose import Installation, docker
from tests.support.stack import PASSWORD, Session, UnexpectedStatusError, eventually
from tests.support.trade import customer_of, customers_named, dead_letters, orders_of, sell, win

OPPORTUNITIES = "/api/v1/marketing/opportunities"
# Responses while services are down or starting.
UNAVAILABLE = {"502", "503", "504"}


@dataclass(frozen=True)
class Saved:
    """A backup, and the records at the time it was taken."""

    folder: Path
    director: Session
    manager: Session
    name: str
    customer_id: str
    order: str
    underway: str
    won: str
    funnel: Any


@pytest.fixture(scope="module")
def saved(containers: Installation, tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """One won opportunity was consumed everywhere, another not yet when the backup is taken."""
    stack, folder = containers.stack, tmp_path_factory.mktemp("backup") / "new"
    department = stack.department("East")
    director = stack.person("sales_director", department_id=department)
    manager = stack.person("account_manager", department_id=department)
    name, underway = (f"{word}{uuid4().hex[:8]}" for word in ("Early", "Underway"))
    customer_id = customer_of(manager, win(director, manager, name))
    order = sell(stack, name)
    eventually(lambda: orders_of(manager, customer_id) == [order])
    consumer = containers.container("customer-consume")
    docker("pause", consumer)
    try:
        won = win(director, manager, underway)
        unsent = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"
        eventually(lambda: containers.sql("kehu_marketing", unsent) == "0")
        _kehu(containers, "backup", str(folder))
    finally:
        docker("unpause", consumer)
    customer_of(manager, won)
    eventually(lambda: _funnel(director)["opportunities"] == 2, what="the report counts both")
    return Saved(
        folder, director, manager, name, customer_id, order, underway, won, _funnel(director)
    )


def test_a_backup_fails_if_a_database_is_not_migrated(
    containers: Installation, tmp_path: Path
) -> None:
    containers.sql("kehu_marketing", "ALTER TABLE alembic_version RENAME TO hidden")
    try:
        done = containers.kehu(
            "backup", str(tmp_path / "new"), "--env", str(containers.file), check=False
        )
    finally:
        containers.sql("kehu_marketing", "ALTER TABLE hidden RENAME TO alembic_version")
    containers.wait_ready()
    assert done.returncode == 1
    assert "the database of marketing is not migrated yet" in done.stderr


@pytest.mark.timeout(900)
@pytest.mark.fault("F53")
@pytest.mark.long
def test_a_backup_is_restored_while_people_work(containers: Installation, saved: Saved) -> None:
    """Work done before the services stop is lost, work done after they start is kept.

    Meanwhile the sales system publishes orders and people try to work.
    """
    later = f"Later{uuid4().hex[:8]}"
    customer_of(saved.manager, win(saved.director, saved.manager, later))
    docker("stop", containers.container("customer-consume"))
    second = sell(containers.stack, saved.name)
    with _background_work(saved.manager) as work:
        eventually(lambda: work.made, what="work before")
        _restore(containers, saved)
        before = len(work.made)
        eventually(lambda: len(work.made) > before, what="work afterwards")
    assert set(work.responses) - UNAVAILABLE <= {"201"}, work.responses
    kept = [_exists(saved.manager, path) for path in work.made]
    assert kept == sorted(kept), "all work before one moment is lost, and nothing after it"
    assert not kept[0] and all(kept[before:])
    _assert_restored(containers, saved, [saved.order, second])
    assert customers_named(saved.manager, later) == []


@pytest.mark.timeout(900)
@pytest.mark.fault("F53")
@pytest.mark.long
def test_a_backup_is_restored_on_a_new_host(containers: Installation, saved: Saved) -> None:
    """It has the checkout, the .env and the backup; the sales system publishes everything again."""
    containers.compose("down", "--timeout", "1", "--volumes")
    containers.compose("up", "--detach")
    _restore(containers, saved)
    second = sell(containers.stack, saved.name)
    for order in (saved.order, second):
        sell(containers.stack, saved.name, order)
    _assert_restored(containers, saved, [saved.order, second])
    assert _funnel(saved.director) == saved.funnel


def _kehu(containers: Installation, *arguments: str) -> str:
    done = containers.kehu(*arguments, "--env", str(containers.file))
    assert not done.stderr, done.stderr
    print(done.stdout)
    return done.stdout


def _restore(containers: Installation, saved: Saved) -> None:
    """Restore; afterwards the installation can be used at once."""
    output = _kehu(containers, "restore", str(saved.folder), "--yes")
    assert "All services agree." in output
    statuses = {service: _status(containers, service) for service in SERVICES}
    assert set(statuses.values()) == {200}, statuses


def _status(containers: Installation, service: str) -> int:
    status: int = containers.admin.request("GET", f"/api/v1/{service}/dead-letters").status
    return status


def _assert_restored(containers: Installation, saved: Saved, orders: list[str]) -> None:
    again = containers.stack.login(saved.manager.user["username"], PASSWORD)
    assert customers_named(again, saved.name) == [saved.customer_id]
    assert customers_named(again, saved.underway) == [customer_of(again, saved.won)]
    wanted = sorted(orders)
    eventually(lambda: orders_of(again, saved.customer_id) == wanted, what="orders, each once")
    for queue in ("customer.sales", "customer.dead"):
        eventually(lambda queue=queue: containers.queues()[queue].messages == 0, what=queue)
    assert [dead_letters(containers.stack, service) for service in SERVICES] == [0] * len(SERVICES)


def _funnel(reader: Session) -> Any:
    return reader.get("/api/v1/reporting/sales-funnel")


def _exists(reader: Session, path: str) -> bool:
    status: int = reader.request("GET", path).status
    assert status in (200, 404)
    return status == 200


@dataclass
class Work:
    """What a user created, in order, and the statuses of all responses."""

    made: list[str] = field(default_factory=list)
    responses: Counter[str] = field(default_factory=Counter)


@contextmanager
def _background_work(manager: Session) -> Iterator[Work]:
    """The manager creates one opportunity after another."""
    work, ended = Work(), Event()
    form = {"customer_name": "New", "success_rate": 40, "summary": "Ink", "description": "Much"}

    def work_on() -> None:
        while not ended.wait(0.5):
            try:
                response = manager.request("POST", OPPORTUNITIES, form)
            except UnexpectedStatusError as error:
                # Signing in again failed.
                work.responses[str(error).partition(": ")[2][:3]] += 1
            except urllib3.exceptions.HTTPError:
                work.responses["503"] += 1
            else:
                work.responses[str(response.status)] += 1
                if response.status == 201:
                    work.made.append(f"{OPPORTUNITIES}/{response.json()['id']}")

    thread = Thread(target=work_on)
    thread.start()
    try:
        yield work
    finally:
        ended.set()
        thread.join()
