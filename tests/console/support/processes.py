"""The processes of the running system: further gateways, and services that stop."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psutil

from kehu_cli.catalogue import ROOT, python_command
from kehu_cli.ports import LOOPBACK, private_port
from kehu_cli.stack.state import State
from kehu_cli.stack.supervisor import Supervisor
from tests.support.stack import RunningStack, Session, eventually


def process_of(stack: RunningStack, name: str) -> psutil.Process:
    """The process of this name, as it runs now."""
    return psutil.Process(eventually(lambda: _pid(stack, name), what=f"{name} runs"))


def _pid(stack: RunningStack, name: str) -> int:
    """Its process id; 0 while it is stopped."""
    with closing(Supervisor(State(stack.state))) as supervisor:
        return next(each.pid for each in supervisor.processes() if each.name == name)


def family_of(process: psutil.Process) -> list[psutil.Process]:
    """The process and its workers."""
    return [process, *process.children(recursive=True)]


@contextmanager
def another_gateway(stack: RunningStack, **settings: str) -> Iterator[int]:
    """A gateway beside the first one, with other settings; yields its port."""
    port = private_port()
    environment = process_of(stack, "gateway").environ()
    with (stack.state / f"gateway-{port}.log").open("wb") as log:
        process = subprocess.Popen(
            python_command("gateway", "api"),
            cwd=ROOT, stdout=log, stderr=subprocess.STDOUT,
            env={**environment, "KEHU_BIND": f"{LOOPBACK}:{port}", **settings},
        )  # fmt: skip
    try:
        nobody = Session(f"http://{LOOPBACK}:{port}")
        eventually(lambda: nobody.request("GET", "/readyz").status == 200, what="another gateway")
        yield port
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def paused(stack: RunningStack, name: str) -> Iterator[list[psutil.Process]]:
    """A process and its workers take requests and answer none until the block ends."""
    family = family_of(process_of(stack, name))
    _signal(family, signal.SIGSTOP)
    try:
        yield family
    finally:
        _signal(family, signal.SIGCONT)


def kill(family: list[psutil.Process]) -> None:
    """End a process and its workers at once; the supervisor starts another one."""
    _signal(family, signal.SIGKILL)


@contextmanager
def down(stack: RunningStack, name: str, person: Session, path: str) -> Iterator[None]:
    """Nobody listens in the place of a process until the block ends and the person is served again.

    The process that the supervisor starts instead is held up before it listens.
    """
    before = process_of(stack, name)
    kill(family_of(before))

    def successor() -> int | None:
        pid = _pid(stack, name)
        return pid if pid != before.pid else None

    held = psutil.Process(eventually(successor, what=f"{name} is started again"))
    held.suspend()
    try:
        yield
    finally:
        held.resume()
        back(person, path)


def back(person: Session, path: str) -> None:
    """Wait until a service serves a path again; without a token the gateway itself would refuse."""
    eventually(lambda: person.request("GET", path).status == 200, within=60, what="it is back")


def _signal(family: list[psutil.Process], number: signal.Signals) -> None:
    for process in family:
        if process.is_running():
            process.send_signal(number)
