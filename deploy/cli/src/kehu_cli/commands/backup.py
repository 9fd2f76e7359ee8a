"""`kehu backup`, `kehu restore`, `kehu reconcile`."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Column, Table

from kehu_chassis.texts import counted
from kehu_cli.console import step, wide_console
from kehu_cli.operations import backup as backups
from kehu_cli.operations import reconcile as reconciling
from kehu_cli.operations import restore as restoring
from kehu_cli.operations.containers import Containers
from kehu_cli.operations.installation import Installation, Local
from kehu_cli.stack.bring_up import borrowed
from kehu_cli.stack.state import State

FOLDER = click.Path(file_okay=False, path_type=Path)


def _of_containers(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--env",
        "env_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Use the running installation in containers of this .env instead of the stack of"
        " `kehu up`.",
    )(command)


@click.command()
@click.argument("folder", type=FOLDER)
@_of_containers
@click.pass_obj
def backup(state: State, folder: Path, env_file: Path | None) -> None:
    """Back up all data into a new FOLDER; people may keep working.

    It holds no passwords: keep a copy of .kehu/credentials.json, or of the .env, elsewhere.
    """
    console = wide_console()
    with (
        _installation(state, env_file, console) as installation,
        step(console, "data backed up") as report,
    ):
        manifest = backups.take(installation, folder, report)
    size = sum(entry["bytes"] for entry in manifest["services"].values())
    console.print(f"{folder}: {size / 1e6:.1f} MB, as of {manifest['taken_at']}", soft_wrap=True)


@click.command()
@click.argument("folder", type=FOLDER)
@_of_containers
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def restore(state: State, folder: Path, env_file: Path | None, yes: bool) -> None:
    """Replace all data with the backup in FOLDER, and reconcile the services.

    The services are stopped meanwhile. Exits with 1 if they do not agree afterwards.
    """
    started = time.monotonic()
    manifest = backups.read(folder)
    console = wide_console()
    if not yes:
        where = env_file or state.folder
        click.confirm(
            f"Replace all data of the installation {where} with the backup of"
            f" {manifest['taken_at']}?",
            abort=True,
        )
    with _installation(state, env_file, console) as installation:
        restoring.run(installation, folder, manifest, console)
        _conclude(console, installation, started)


@click.command()
@_of_containers
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]),
    default=lambda: datetime.now(UTC),
    help="Events since a day before this moment are published again, such as"
    " 2026-11-21T00:00:00+0800; default: now.",
)
@click.pass_obj
def reconcile(state: State, env_file: Path | None, since: datetime) -> None:
    """Publish recent events and the state of all records again, then compare the services.

    `kehu restore` ends with it. Exits with 1 if the services do not agree.
    """
    started = time.monotonic()
    console = wide_console()
    with _installation(state, env_file, console) as installation:
        with step(console, "events queued again"):
            reconciling.emit(installation, since)
        _conclude(console, installation, started)


@contextmanager
def _installation(state: State, env_file: Path | None, console: Console) -> Iterator[Installation]:
    if env_file is not None:
        yield Containers(env_file)
        return
    with borrowed(state, console) as stack:
        yield Local(stack)


def _conclude(console: Console, installation: Installation, started: float) -> None:
    with step(console, "services compared") as report:
        findings = reconciling.wait(installation, report)
    _show(console, findings)
    console.print(f"took {time.monotonic() - started:.1f} s in all")
    if findings.agree:
        console.print("[green]All services agree.[/]")
    else:
        console.print(
            "[red]The services do not agree.[/] Look at their dead letters (./kehu dead-letters),"
            " fix the cause, then run ./kehu reconcile",
            soft_wrap=True,
        )
        sys.exit(1)


def _show(console: Console, findings: reconciling.Findings) -> None:
    table = Table(
        Column("event type", overflow="fold"),
        "of",
        "known to",
        "records",
        "missing",
        "other version",
        "unknown",
    )
    for found in findings.comparisons:
        differences = map(len, (found.missing, found.other_version, found.unknown))
        table.add_row(
            *(found.type, found.owner, found.reader, str(found.records)),
            *map(str, differences),
            style="red" if found.differs else None,
        )
    console.print(table)
    if findings.waiting:
        console.print(f"[red]{counted(findings.waiting, 'event')} could not be published yet.[/]")
