"""Starts and stops a whole stack."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from kehu_chassis import config
from kehu_cli.catalogue import DEFINITIONS, ROOT, SERVICES, python_command
from kehu_cli.console import step
from kehu_cli.ports import LOOPBACK, hold_public_port, private_port
from kehu_cli.server import ServerError, tail
from kehu_cli.stack import (
    databases,
    leftovers,
    postgres,
    rabbitmq,
    rabbitmq_docker,
    rabbitmq_provide,
    supervisor,
)
from kehu_cli.stack.programs import APPLICATION, GATEWAY, programs
from kehu_cli.stack.readiness import ready, stranger
from kehu_cli.stack.stack import Stack, describe
from kehu_cli.stack.state import State
from kehu_cli.stack.supervisor import ProcessInfo, Supervisor

GATEWAY_PORT = 8080

# Generous, for a busy machine; an idle one needs a tenth of it.
PATIENCE_SECONDS = 180

SHARED_LOGIN = """\
KEHU_AMQP_URL is set: all services and the sales system would share its login, and nothing would
prevent one of them from publishing in another's name. Set KEHU_AMQP_SHARED_LOGIN=true to accept
that, or unset KEHU_AMQP_URL to use a private broker with a login for each."""

# A process that exits this often while starting will not recover by itself.
TOLERATED_STARTS = 3


@dataclass(frozen=True)
class Options:
    """The user's options for a new stack."""

    host: str = LOOPBACK
    port: int = GATEWAY_PORT


@dataclass(frozen=True)
class Started:
    """A stack that was just started."""

    stack: Stack
    supervisor: Supervisor
    process: "subprocess.Popen[bytes]"
    first_time: bool


def bring_up(state: State, options: Options, console: Console) -> Started:
    """Start everything and return when all of it is ready; on failure stop everything."""
    leftovers.end(state.folder)
    # Held until the gateway starts, so that nobody else takes its port meanwhile.
    with hold_public_port(_preferred_gateway_port(state.ports(), options), options.host) as held:
        with step(console, "servers prepared"):
            stack = prepare(state, options, held.getsockname()[1])
            supervisor.write_configuration(state, programs(stack), stack.ports["supervisor"])
        return _launch(state, stack, held, console)


def _launch(state: State, stack: Stack, held: socket.socket, console: Console) -> Started:
    running, process = supervisor.launch(state)
    try:
        start_in_order(stack, running, held, console)
        first_time = not state.credentials()["administrator"]["made"]
        _record_administrator(state)
    except BaseException:
        take_down(state)
        raise
    return Started(stack, running, process, first_time)


def take_down(state: State) -> None:
    """Stop everything in order, including processes that a killed supervisord left behind."""
    if supervisor.is_running(state):
        Supervisor(state).shut_down()
    leftovers.end(state.folder)


def remove(state: State) -> None:
    """Delete a stopped stack with its whole folder."""
    rabbitmq_docker.remove_data(rabbitmq_provide.folder(state.folder))
    shutil.rmtree(state.folder, ignore_errors=True)


@contextmanager
def borrowed(state: State, console: Console) -> Iterator[Stack]:
    """Yield the running stack, or start one and stop it afterwards."""
    if supervisor.is_running(state):
        yield describe(state)
        return
    with state.lock():
        started = bring_up(state, Options(), console)
    try:
        yield started.stack
    finally:
        with step(console, "everything stopped"), state.lock():
            take_down(state)


def prepare(state: State, options: Options, gateway_port: int) -> Stack:
    """Choose ports, make passwords and data directories, and write the servers' configuration."""
    external_amqp_url = _external_amqp_url()
    credentials = state.ensure_credentials()
    credentials["external_amqp_url"] = external_amqp_url
    state.keep_credentials(credentials)
    state.remember(options.host, _choose_ports(state.ports(), gateway_port))
    stack = describe(state)
    postgres.prepare(state.folder)
    if not stack.external_amqp:
        rabbitmq.prepare(state.folder, stack.node_ports, DEFINITIONS, credentials["logins"])
    return stack


def _external_amqp_url() -> str | None:
    """Return KEHU_AMQP_URL, whose login all services share; only if the user accepts that."""
    url = os.environ.get("KEHU_AMQP_URL") or None
    if url and not config.shares_broker_login():
        raise ServerError(SHARED_LOGIN)
    return url


def start_in_order(
    stack: Stack, running: Supervisor, held: socket.socket, console: Console
) -> None:
    """Wait for the servers, bring the databases up to date, then start the processes.

    ``held`` is the socket that holds the gateway's port until then.
    """
    with step(console, "PostgreSQL ready"):
        _wait(stack, running, ["postgres"])
    passwords = stack.state.credentials()["databases"]
    databases.create(stack.superuser_url, SERVICES, passwords)
    with step(console, "databases migrated"):
        migrate(stack)
    with step(console, "RabbitMQ ready"):
        if stack.external_amqp:
            _declare_topology(stack)
        else:
            _wait(stack, running, ["rabbitmq"])
    with step(console, "all processes ready") as report:
        held.close()
        start_processes(stack, running, report)


def start_processes(
    stack: Stack, running: Supervisor, report: Callable[[str], None] = lambda text: None
) -> None:
    """Start the services and the gateway, and wait until all are ready."""
    names = [info.name for info in running.processes() if info.group in (APPLICATION, GATEWAY)]
    running.start_group(APPLICATION)
    running.start_group(GATEWAY)
    _wait(stack, running, names, report)


def migrate(stack: Stack) -> None:
    """Run the migrations of all services at once."""
    with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
        list(pool.map(lambda service: _migrate(stack, service), SERVICES))


def _migrate(stack: Stack, service: str) -> None:
    log = stack.state.log(f"{service}-migrate")
    environment = {**os.environ, **stack.migration_environment(service)}
    _run(python_command(service, "migrate"), environment, log, f"the migration of {service}")


def _declare_topology(stack: Stack) -> None:
    arguments = python_command("chassis.messaging.topology", "declare", stack.amqp_url)
    log = stack.state.log("topology")
    _run(arguments, dict(os.environ), log, "declaring exchanges and queues")


def _run(arguments: list[str], environment: dict[str, str], log: Path, what: str) -> None:
    with log.open("wb") as output:
        result = subprocess.run(
            arguments,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if result.returncode != 0:
        raise ServerError(f"{what} failed. Last log lines:\n{tail(log)}\nFull log: {log}")


def _wait(
    stack: Stack,
    running: Supervisor,
    names: list[str],
    report: Callable[[str], None] = lambda text: None,
) -> None:
    """Wait until these processes are ready; give up early on one that keeps exiting."""
    missing = list(names)
    starts: dict[str, set[int]] = {name: set() for name in names}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while missing:
        waited = [info for info in running.processes() if info.name in missing]
        for info in waited:
            starts[info.name].add(info.started_at)
            if reason := _hopeless(stack, info, len(starts[info.name])):
                raise _failure(stack, info.name, reason)
        is_ready = ready(stack, waited)
        missing = [
            info.name for info in waited if info.state != "running" or not is_ready[info.name]
        ]
        report(f"waiting for {', '.join(missing)}")
        if missing and time.monotonic() > deadline:
            raise _failure(stack, missing[0], f"was not ready within {PATIENCE_SECONDS} s")
        time.sleep(0.1)


def _hopeless(stack: Stack, info: ProcessInfo, starts: int) -> str | None:
    """Return why the process will not become ready, or None while it may."""
    if starts > 1 and (taken := stranger(stack, info)):
        return f"cannot start, as {taken}"
    return "keeps exiting" if info.state == "fatal" or starts > TOLERATED_STARTS else None


def _failure(stack: Stack, name: str, what: str) -> ServerError:
    log = stack.state.log(name)
    return ServerError(
        f"{name} {what}. Last log lines:\n{tail(log)}\n"
        f"Full log: {log}. Fix the cause, then run ./kehu up"
    )


def _choose_ports(remembered: dict[str, int], gateway: int) -> dict[str, int]:
    processes = [f"{service}-{kind}" for service in SERVICES for kind in ("api", "work")]
    names = ["supervisor", "postgres", "amqp", "management", "distribution", "epmd", *processes]
    # The gateway's may have been a private one at the last start.
    kept = {name: port for name, port in remembered.items() if port != gateway}
    return {name: private_port(kept.get(name)) for name in names} | {"gateway": gateway}


def _preferred_gateway_port(remembered: dict[str, int], options: Options) -> int:
    if options.port != GATEWAY_PORT:
        return options.port
    return remembered.get("gateway", GATEWAY_PORT)


def _record_administrator(state: State) -> None:
    credentials = state.credentials()
    credentials["administrator"]["made"] = True
    state.keep_credentials(credentials)
