"""Restores a backup: all databases at once, while no service runs."""

import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from rich.console import Console

from kehu_chassis.messaging import _amqp
from kehu_cli.catalogue import SERVICES
from kehu_cli.console import step
from kehu_cli.operations import backup, reconcile
from kehu_cli.operations.installation import Installation
from kehu_cli.operations.psql import Psql
from kehu_cli.server import ServerError
from kehu_cli.stack.databases import database_name

PATIENCE_SECONDS = 60


def run(
    installation: Installation, folder: Path, manifest: backup.Manifest, console: Console
) -> None:
    """Replace all data and start the services again; leave them stopped if anything fails."""
    with step(console, "services stopped"):
        installation.stop()
    # Waiting events were published from databases that are about to be replaced. The sales system's
    # events are in another queue and stay, also those that crashed every consumer.
    with step(console, "queues emptied"):
        _when_ready(lambda: _purge(installation.amqp_url))
    with step(console, "databases restored") as report:
        _replace_databases(installation)
        for service, entry in manifest["services"].items():
            report(f"restoring {service}")
            _load(installation, service, folder / entry["file"])
            with Psql(installation, database_name(service)) as restored:
                if backup.row_counts(restored) != entry["rows"]:
                    raise ServerError(f"{service} does not have the rows that were backed up")
                restored.execute("ANALYZE")
    with step(console, "schemas up to date"):
        reconcile.in_every_service(installation, "migrate")
    # Before any process starts: it would purge events sent more than seven days ago.
    with step(console, "events queued again"):
        reconcile.emit(installation, datetime.fromisoformat(manifest["taken_at"]))
    with step(console, "services started") as report:
        installation.start(report)


def _when_ready(work: Callable[[], None]) -> None:
    """Do work that needs RabbitMQ, which on a new host has just been started."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except _amqp.Unreachable as error:
            if time.monotonic() < deadline:
                time.sleep(1)
                continue
            raise ServerError(
                f"RabbitMQ cannot be used ({error or type(error).__name__}). The services are"
                " stopped, no data was changed: fix the cause, then restore again"
            ) from None


def _purge(amqp_url: str) -> None:
    _amqp.purge(amqp_url, [f"{service}.events" for service in SERVICES])
    for service in SERVICES:
        _amqp.purge_dead(amqp_url, f"{service}.dead", died_in=f"{service}.events")


def _replace_databases(installation: Installation) -> None:
    with Psql(installation, "postgres") as server:
        for service in SERVICES:
            server.execute(f"DROP DATABASE IF EXISTS {database_name(service)} WITH (FORCE)")
    installation.make_databases()


def _load(installation: Installation, service: str, file: Path) -> None:
    name = database_name(service)
    line = installation.tool(
        "pg_restore",
        "--exit-on-error",
        "--single-transaction",
        "--no-owner",
        "--no-privileges",
        f"--role={name}",
        f"--dbname={name}",
    )
    with file.open("rb") as content:
        done = subprocess.run(
            line, env=installation.environment, stdin=content, capture_output=True
        )
    if done.returncode != 0:
        raise ServerError(f"{service} could not be restored:\n{done.stderr.decode()}")
