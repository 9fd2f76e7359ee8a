"""Readiness of the processes of a stack."""

import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import click
import psutil

from kehu_cli.ports import LOOPBACK, accepts
from kehu_cli.stack import postgres
from kehu_cli.stack.stack import SERVERS, Stack
from kehu_cli.stack.supervisor import ProcessInfo, Supervisor

# Without the proxies of the environment, which do not apply to loopback.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def is_ready(stack: Stack, process: ProcessInfo) -> bool:
    """Return whether one process is ready, and not another program that listens on its port."""
    if process.name == "postgres":
        return postgres.is_ready(stack.superuser_url)
    if process.name == "rabbitmq":
        return stack.broker_is_ready()
    return _listens(process.pid, stack.ports[process.name]) and responds(
        f"{stack.address(process.name)}/readyz"
    )


def stranger(stack: Stack, process: ProcessInfo) -> str | None:
    """Return why another program is in the place of this process, or None if none is.

    The two servers recognise us by a password; a stranger would not be ready.
    """
    port = stack.ports.get(process.name)
    if process.name in SERVERS or port is None or not accepts(LOOPBACK, port):
        return None
    if _listens(process.pid, port):
        return None
    return f"another program listens on port {port}, which {process.name} needs"


def require_own_gateway(stack: Stack) -> None:
    """Raise ClickException if another program listens in place of the gateway.

    Passwords are sent there.
    """
    (gateway,) = (one for one in Supervisor(stack.state).processes() if one.name == "gateway")
    if reason := stranger(stack, gateway):
        raise click.ClickException(
            f"{reason}. Restart, which chooses a free port: ./kehu down, then ./kehu up"
        )


def _listens(pid: int, port: int) -> bool:
    """Return whether a process, or one that it started, listens on this port."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return False
    return any(port in _listening(member) for member in family)


def _listening(process: psutil.Process) -> set[int]:
    try:
        connections = process.net_connections("tcp")
    except psutil.Error:  # it has just exited
        return set()
    return {one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN}


def responds(url: str) -> bool:
    """Return whether the address responds with 200."""
    try:
        with _opener.open(url, timeout=3) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def ready(stack: Stack, processes: Sequence[ProcessInfo]) -> dict[str, bool]:
    """Probe several processes at once, so that slow ones do not add up; returns by name."""
    with ThreadPoolExecutor(max_workers=len(processes) or 1) as pool:
        results = pool.map(lambda process: is_ready(stack, process), processes)
        return dict(zip((process.name for process in processes), results, strict=True))
