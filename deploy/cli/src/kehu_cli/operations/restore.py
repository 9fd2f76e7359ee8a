"""Restoring a backup: all databases at once, while no service runs."""

import subprocess
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


def run(
    installation: Installation, folder: Path, manifest: backup.Manifest, console: Console
) -> None:
    """Replace all data and start the services again; they are left stopped if anything fails."""
    with step(console, "services stopped"):
        installation.stop()
    # What waits here was published from databases that are about to be replaced. The sales
    # system's events wait in another queue and stay, also where they ended every reader.
    _purge(installation.amqp_url)
    with step(console, "databases restored") as say:
        _replace_databases(installation)
        for service, entry in manifest["services"].items():
            say(f"restoring {service}")
            _load(installation, service, folder / entry["file"])
            with Psql(installation, database_name(service)) as restored:
                if backup.row_counts(restored) != entry["rows"]:
                    raise ServerError(f"{service} has not the rows that were backed up")
                restored.execute("ANALYZE")
    with step(console, "schemas up to date"):
        reconcile.in_every_service(installation, "migrate")
    # Before anything runs: events sent more than seven days ago would be purged at once.
    with step(console, "events to be sent again"):
        reconcile.emit(installation, datetime.fromisoformat(manifest["taken_at"]))
    with step(console, "services started") as say:
        installation.start(say)


def _purge(amqp_url: str) -> None:
    try:
        _amqp.purge(amqp_url, [f"{service}.events" for service in SERVICES])
        for service in SERVICES:
            _amqp.purge_dead(amqp_url, f"{service}.dead", died_in=f"{service}.events")
    except _amqp.Unreachable as error:
        raise ServerError(
            f"RabbitMQ cannot be used ({error or type(error).__name__}). The services are stopped,"
            " no data was touched: mend the cause, then restore again"
        ) from None


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
