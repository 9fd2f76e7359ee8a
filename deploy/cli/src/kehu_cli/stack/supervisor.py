"""supervisord: its configuration, its start and stop, and the state of its processes."""

import contextlib
import os
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import click
import psutil

from kehu_cli.catalogue import ROOT
from kehu_cli.ports import LOOPBACK
from kehu_cli.private_files import write_private
from kehu_cli.server import ServerError, tail
from kehu_cli.stack.leftovers import MARKER
from kehu_cli.stack.programs import APPLICATION, GATEWAY, SERVERS, Program
from kehu_cli.stack.stack import Stack, describe
from kehu_cli.stack.state import State

USER = "kehu"

# Groups start in this order and stop in reverse order, each as a whole.
PRIORITIES = {SERVERS: 100, APPLICATION: 200, GATEWAY: 300}

# The pause after each failed start is one second longer than the last, so this is half an hour.
START_RETRIES = 60

GRACE_SECONDS = 30


@dataclass(frozen=True)
class ProcessInfo:
    """The state of one process, as supervisord reports it."""

    name: str
    group: str
    state: str
    pid: int
    started_at: int
    description: str


def write_configuration(state: State, programs: list[Program], port: int) -> None:
    """Write supervisord's configuration; it holds passwords."""
    password = state.credentials()["supervisor"]
    sections = [
        _section(
            "supervisord",
            nodaemon="true",
            silent="true",
            logfile=state.log("supervisord"),
            logfile_maxbytes="5MB",
            logfile_backups=1,
            pidfile=state.supervisor_pid,
            childlogdir=state.logs,
            **({"user": "root"} if os.geteuid() == 0 else {}),
        ),
        # Not a Unix socket: the path of a state directory can exceed its maximum length.
        _section("inet_http_server", port=f"{LOOPBACK}:{port}", username=USER, password=password),
        "[rpcinterface:supervisor]\n"
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n",
    ]
    for group in PRIORITIES:
        members = [program for program in programs if program.group == group]
        names = ",".join(program.name for program in members)
        sections.append(_section(f"group:{group}", programs=names, priority=PRIORITIES[group]))
        sections += [_program(state, program) for program in members]
    write_private(state.supervisor_configuration, "\n".join(sections))


def _program(state: State, program: Program) -> str:
    environment = {**program.environment, MARKER: str(state.folder), "PYTHONUNBUFFERED": "1"}
    return _section(
        f"program:{program.name}",
        command=shlex.join(program.arguments),
        directory=ROOT,
        environment=",".join(f'{name}="{value}"' for name, value in environment.items()),
        # The services wait for their migrations; after that supervisord restarts them.
        autostart=str(program.group == SERVERS).lower(),
        autorestart="true",
        startsecs=1,
        startretries=START_RETRIES,
        stopsignal=program.stop_signal,
        stopwaitsecs=GRACE_SECONDS,
        killasgroup="true",
        redirect_stderr="true",
        stdout_logfile=state.log(program.name),
        stdout_logfile_maxbytes="10MB",
        stdout_logfile_backups=3,
        **({"user": program.user} if program.user else {}),
    )


def _section(title: str, **values: object) -> str:
    # A percent sign starts an expansion in this format; passwords and addresses may contain one.
    lines = [f"{name} = {str(value).replace('%', '%%')}" for name, value in values.items()]
    return f"[{title}]\n" + "\n".join(lines) + "\n"


class Supervisor:
    """A running supervisord."""

    def __init__(self, state: State) -> None:
        self.state = state
        password, port = state.credentials()["supervisor"], state.ports()["supervisor"]
        address = f"http://{USER}:{password}@{LOOPBACK}:{port}/RPC2"
        self._proxy: Any = xmlrpc.client.ServerProxy(address)
        self._rpc: Any = self._proxy.supervisor

    def start_group(self, group: str) -> None:
        """Start the processes of a group without waiting for them."""
        self._rpc.startProcessGroup(group, False)

    def stop_group(self, group: str) -> None:
        """Stop the processes of a group and wait for them."""
        self._rpc.stopProcessGroup(group)

    def processes(self) -> list[ProcessInfo]:
        """Return all processes in their starting order."""
        infos = cast(list[dict[str, Any]], self._rpc.getAllProcessInfo())
        processes = [
            ProcessInfo(
                info["name"],
                info["group"],
                info["statename"].lower(),
                info["pid"],
                info["start"],
                info["spawnerr"] or info["description"],
            )
            for info in infos
        ]
        return sorted(processes, key=lambda info: (PRIORITIES[info.group], info.name))

    def close(self) -> None:
        """Close the connection; a command need not, as it exits."""
        self._proxy("close")()

    def shut_down(self) -> None:
        """Stop every process in order, then supervisord."""
        process = _process(self.state)
        with contextlib.suppress(OSError, xmlrpc.client.Error):
            self._rpc.shutdown()
        if process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.wait(GRACE_SECONDS * len(PRIORITIES) + 10)


def launch(state: State) -> "tuple[Supervisor, subprocess.Popen[bytes]]":
    """Start supervisord, which starts the servers."""
    output = state.log("supervisord-output")
    with output.open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "supervisor.supervisord"),
                *("--nodaemon", "--configuration", str(state.supervisor_configuration)),
            ],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C must reach `kehu` only, which then stops everything in order.
            start_new_session=True,
        )
    supervisor = Supervisor(state)
    deadline = time.monotonic() + 20
    while True:
        try:
            supervisor.processes()
            return supervisor, process
        except (OSError, xmlrpc.client.Error):
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise ServerError(f"supervisord did not start:\n{tail(output)}") from None
        time.sleep(0.05)


def is_running(state: State) -> bool:
    """Return whether the stack's supervisord runs."""
    return _process(state) is not None


def _process(state: State) -> psutil.Process | None:
    try:
        process = psutil.Process(int(state.supervisor_pid.read_text()))
        # The pid may have been reused since.
        ours = str(state.supervisor_configuration) in process.cmdline()
        return process if ours and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, psutil.Error):
        return None


def running_stack(state_dir: Path) -> Stack:
    """Return the running stack of this state directory; ClickException if none is running."""
    state = State(state_dir)
    if not is_running(state):
        raise click.ClickException(f"no stack is running in {state.folder}; start one: ./kehu up")
    return describe(state)
