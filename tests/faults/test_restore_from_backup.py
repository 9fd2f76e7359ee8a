"""All five databases are lost and restored: every record exists once, and all services agree."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import sql

from kehu_cli.catalogue import ROOT, SERVICES
from kehu_cli.cli import kehu
from kehu_cli.operations import reconcile
from kehu_cli.stack.databases import database_name
from kehu_cli.stack.supervisor import running_stack
from tests.support.stack import PASSWORD, RunningStack, eventually
from tests.support.trade import customer_of, customers_named, dead_letters, orders_of, sell, win


def run(stack: RunningStack, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "kehu_cli", "--state", str(stack.state), *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)


def execute(stack: RunningStack, database: str, statement: sql.SQL | sql.Composed) -> int:
    """Run a statement as PostgreSQL's superuser; returns the number of affected rows."""
    address = running_stack(stack.state).superuser_url.rsplit("/", 1)[0]
    with psycopg.connect(f"{address}/{database}", autocommit=True) as connection:
        return connection.execute(statement).rowcount


def unsent_events(stack: RunningStack, service: str) -> int:
    """The number of events that a service has not sent yet."""
    unsent = sql.SQL("SELECT FROM outbox WHERE sent_at IS NULL")
    return execute(stack, database_name(service), unsent)


@contextmanager
def paused(stack: RunningStack, name: str) -> Iterator[None]:
    """Freeze one process during the block."""
    [pid] = [process["pid"] for process in stack.processes if process["name"] == name]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def drop(stack: RunningStack, service: str) -> None:
    name = sql.Identifier(database_name(service))
    execute(stack, "postgres", sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.mark.fault("F53")
@pytest.mark.timeout(900)
def test_a_restore_recovers_lost_databases(
    stack: RunningStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backup"
    dead = {service: dead_letters(stack, service) for service in SERVICES}
    department = stack.department("East")
    director = stack.person("sales_director", department_id=department)
    manager = stack.person("account_manager", department_id=department)
    name, underway, later = (f"{word}{uuid4().hex[:8]}" for word in ("Early", "Underway", "Later"))
    customer_id = customer_of(manager, win(director, manager, name))
    first = sell(stack, name)
    eventually(lambda: orders_of(manager, customer_id) == [first])
    # One replica has lost the customer before the backup.
    lose_customer = sql.SQL("DELETE FROM customer_ref WHERE id = {}").format(customer_id)
    eventually(lambda: execute(stack, "kehu_reporting", lose_customer) == 1)

    with paused(stack, "customer-work"):
        # This event is sent when the backup is taken, and not yet consumed.
        won = win(director, manager, underway)
        eventually(lambda: unsent_events(stack, "marketing") == 0)
        done = run(stack, "backup", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert "is not empty" in run(stack, "backup", str(folder)).stderr

    # Later events are not in the backup; those for reporting wait in the broker.
    drop(stack, "reporting")
    customer_of(manager, win(director, manager, later))
    for service in SERVICES:
        if service != "reporting":
            drop(stack, service)
    # Meanwhile the sales system continues.
    second = sell(stack, name)

    done = run(stack, "restore", str(folder), "--yes")
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All services agree." in done.stdout
    assert manager.get("/api/v1/auth/me")["username"] == manager.user["username"]
    again = stack.login(manager.user["username"], PASSWORD)
    assert customers_named(again, name) == [customer_id]
    assert customers_named(again, underway) == [customer_of(again, won)]
    assert customers_named(again, later) == []
    wanted = sorted([first, second])
    eventually(lambda: orders_of(again, customer_id) == wanted, what="the order that waited")
    assert execute(stack, "kehu_reporting", lose_customer) == 1, "the replica was repaired"
    for service in SERVICES:
        assert dead_letters(stack, service) == dead[service]

    # A record that no service published can only be reported; the lost one is repaired again.
    monkeypatch.setattr(reconcile, "PATIENCE_SECONDS", 3)
    invented = sql.SQL(
        "INSERT INTO directory_department (id, name, deleted, version)"
        " VALUES (gen_random_uuid(), 'Nowhere', false, 1)"
    )
    uninvented = sql.SQL("DELETE FROM directory_department WHERE name = 'Nowhere'")
    execute(stack, "kehu_reporting", invented)
    result = CliRunner().invoke(kehu, ["--state", str(stack.state), "reconcile"])
    assert result.exit_code == 1
    assert "do not agree" in result.output
    assert execute(stack, "kehu_reporting", lose_customer) == 1, "the replica was repaired again"
    assert customer_of(again, win(director, again, later)), "work continues"
    assert execute(stack, "kehu_reporting", uninvented) == 1
