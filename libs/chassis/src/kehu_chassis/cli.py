"""The command line of every service: ``python -m kehu_<service> <command>``."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from kehu_chassis import clock, config
from kehu_chassis.actor import SYSTEM
from kehu_chassis.config import Settings
from kehu_chassis.data.database import Database
from kehu_chassis.messaging import outbox, versions
from kehu_chassis.messaging.failures import FailedEvent
from kehu_chassis.observability import logs, tracing
from kehu_chassis.problems import Problem
from kehu_chassis.records import dead_letters
from kehu_chassis.runtime import migrate, processes
from kehu_chassis.runtime.service import Service
from kehu_chassis.terminal import VisibleOutput, visible
from kehu_chassis.texts import counted

log = logging.getLogger(__name__)
T = TypeVar("T")


def main(service: Service, arguments: list[str] | None = None) -> int:
    """Parse and run one command; returns the exit code."""
    options = _parser(service).parse_args(arguments)
    command: Callable[[Service, argparse.Namespace], int] = options.run
    try:
        return command(service, options)
    except migrate.NotReady as error:
        log.critical("cannot start: %s", error)
        return 1


def _parser(service: Service) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m {service.package}", description=f"Kehu, the {service.name} service."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[..., int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    add("api", _api, "serve HTTP on KEHU_BIND")
    for name in processes.ALL:
        add(name, _loops(name), f"run the {name} loop")
    add("work", _loops(*processes.ALL), "run consume, relay and jobs in one process")
    add("migrate", _migrate, "migrate the database to the newest schema and exit")
    add("openapi", _openapi, "print the OpenAPI document; needs no configuration")
    add("subscriptions", _subscriptions, "print the subscribed event types as JSON")
    revise = add("revise", _revise, "write a migration from the changes of the models (developers)")
    revise.add_argument("message")
    add("resync", _resync, "republish the current state of every record")
    add("versions", _versions, "print the version of every published or mirrored record as JSON")
    replay = add("replay", _replay, "republish the events sent since then (kept for 7 days)")
    replay.add_argument(
        "--since",
        required=True,
        type=datetime.fromisoformat,
        metavar="TIME",
        help="with UTC offset, such as 2026-11-21T00:00:00+08:00",
    )
    dead = add("dead-letters", _dead_letters, "list, show, replay or discard failed events")
    dead.add_argument("action", choices=("list", "show", "replay", "discard"))
    dead.add_argument("ids", nargs="*", type=UUID, metavar="ID")
    dead.add_argument("--all", action="store_true", help="every dead event (replay, discard)")
    dead.add_argument("--json", action="store_true", help="one JSON object per line (list)")
    return parser


def _start(service: Service, process: str) -> Settings:
    settings = config.settings()
    if service.configuration is not None:
        service.configuration()
    logs.configure(service.name, process, settings.log_level)
    return settings


def _api(service: Service, _options: argparse.Namespace) -> int:
    # Here, as a process that serves no requests need not load the libraries for them: 20 MB.
    from kehu_chassis.identity.authority import HttpAuthority
    from kehu_chassis.runtime import launcher
    from kehu_chassis.web import create_app

    settings = _start(service, "api")

    def build() -> Any:
        tracing.start(service.name, "api", settings.otlp_endpoint)
        database = processes.open_database(service, settings, process="api", pool=settings.threads)
        if service.authority is not None:
            authority = service.authority(database, settings)
        else:
            authority = HttpAuthority(settings.auth_url)
        return create_app(service, database, authority)

    addresses = [settings.bind, *([settings.probe_bind] if settings.probe_bind else [])]
    launcher.run(
        build,
        addresses,
        settings.workers,
        settings.threads,
        drain_seconds=settings.drain_seconds,
    )
    return 0


def _loops(*names: str) -> Callable[[Service, argparse.Namespace], int]:
    def run(service: Service, _options: argparse.Namespace) -> int:
        settings = _start(service, names[0] if len(names) == 1 else "work")
        return processes.run(service, settings, names)

    return run


def _migrate(service: Service, _options: argparse.Namespace) -> int:
    settings = _start(service, "migrate")
    database = processes.open_database(service, settings, process="migrate", pool=1)
    migrate.upgrade(service, database)
    database.dispose()
    return 0


def _revise(service: Service, options: argparse.Namespace) -> int:
    settings = _start(service, "revise")
    database = processes.open_database(service, settings, process="revise", pool=1)
    migrate.revise(service, database, options.message)
    return 0


def _openapi(service: Service, _options: argparse.Namespace) -> int:
    from kehu_chassis.web import create_app, document

    print(json.dumps(document(create_app(service, None, None)), indent=1, ensure_ascii=False))
    return 0


def _subscriptions(service: Service, _options: argparse.Namespace) -> int:
    print(json.dumps(sorted({on.type for on in service.subscriptions()})))
    return 0


@contextmanager
def _operator(service: Service) -> Iterator[Database]:
    os.environ.setdefault("KEHU_LOG_LEVEL", "WARNING")
    settings = _start(service, "operator")
    database = processes.open_database(service, settings, process="operator", pool=2)
    try:
        yield database
    finally:
        database.dispose()


def _resync(service: Service, _options: argparse.Namespace) -> int:
    with _operator(service) as database:
        count = _republish(service, database)
    print(f"\n{counted(count, 'record')} of {service.name} will be republished", file=sys.stderr)
    return 0


def _republish(service: Service, database: Database) -> int:
    count = 0
    # Reading and publishing are separate transactions, so that the outbox fills in batches and the
    # relay need not wait for one as long as the whole table.
    with database.session(SYSTEM) as reader:
        for batch in _batches(service.snapshots(reader), 500):
            database.run(SYSTEM, lambda session, batch=batch: _add_all(session, batch))  # type: ignore[misc]
            count += len(batch)
            print(f"\r{counted(count, 'record')}", end="", file=sys.stderr)
    return count


def _batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(items, size)):
        yield batch


def _add_all(session: Any, batch: Any) -> None:
    for event in batch:
        outbox.add(session, event)


def _versions(service: Service, _options: argparse.Namespace) -> int:
    with _operator(service) as database, database.session(SYSTEM) as session:
        print(json.dumps({"waiting": outbox.overdue(session)}))
        for line in versions.lines(session, service.versions()):
            print(line)
    return 0


def _replay(service: Service, options: argparse.Namespace) -> int:
    since: datetime = options.since
    if since.tzinfo is None:
        print("--since needs a UTC offset, such as +08:00 or Z", file=sys.stderr)
        return 2
    if since < clock.now() - outbox.KEPT:
        print("sent events are kept for 7 days: replaying those that remain", file=sys.stderr)
    with _operator(service) as database:
        count = outbox.replay(database, since)
    print(f"{counted(count, 'event')} of {service.name} will be republished", file=sys.stderr)
    return 0


def _dead_letters(service: Service, options: argparse.Namespace) -> int:
    # What other systems sent is printed: it must not command the terminal.
    shown: Any = VisibleOutput(sys.stdout)
    with _operator(service) as database, redirect_stdout(shown):
        if options.action == "list":
            return database.run(SYSTEM, lambda session: _print_list(session, options.json))
        return _each_dead_letter(service, database, options)


def _each_dead_letter(service: Service, database: Database, options: argparse.Namespace) -> int:
    ids: list[UUID] = options.ids
    if options.all and options.action in ("replay", "discard"):
        dead = select(FailedEvent.id).where(FailedEvent.state == "dead")
        ids = database.run(SYSTEM, lambda session: list(session.scalars(dead)))
    elif not ids:
        print(f"name at least one event: dead-letters {options.action} ID …", file=sys.stderr)
        return 2
    failures = 0
    for row_id in ids:
        try:
            database.run(SYSTEM, lambda s, i=row_id: _one(s, i, options.action))  # type: ignore[misc]
        except Problem as problem:
            failures += 1
            detail = visible(problem.document(service.texts())["detail"])
            print(f"{row_id}: {detail}", file=sys.stderr)
    return 1 if failures else 0


def _one(session: Any, row_id: UUID, action: str) -> None:
    if action == "show":
        row = dead_letters.get(session, row_id)
        document = dead_letters.FailedEventDetailSchema().dump(row)
        print(json.dumps(document, indent=2, ensure_ascii=False))
    elif action == "replay":
        dead_letters.replay(session, row_id)
        print(f"{row_id} will be retried")
    else:
        dead_letters.discard(session, row_id)
        print(f"{row_id} discarded")


def _print_list(session: Any, as_json: bool) -> int:
    rows = session.scalars(dead_letters.WITHOUT_BODIES.order_by(FailedEvent.created_at)).all()
    schema = dead_letters.FailedEventSchema()
    for row in rows:
        shown = schema.dump(row)
        if as_json:
            print(json.dumps(shown, ensure_ascii=False))
        else:
            kind, reason = visible(row.type) or "(unreadable)", visible(row.reason)
            print(f"{row.id}  {row.state:8}  {kind}  {row.code or '-'}  {reason}")
    if not rows and not as_json:
        print("no failed events")
    return 0
