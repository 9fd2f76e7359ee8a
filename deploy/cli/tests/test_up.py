"""The whole stack: ready, restarted after every crash, and stopped without leftovers."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from kehu_cli.catalogue import SERVICES
from kehu_cli.ports import LOOPBACK
from kehu_cli.server import ServerError
from kehu_cli.stack import leftovers, supervisor
from kehu_cli.stack.bring_up import PATIENCE_SECONDS, start_processes
from kehu_cli.stack.programs import GATEWAY
from kehu_cli.stack.readiness import responds
from kehu_cli.stack.state import State
from kehu_cli.stack.supervisor import Supervisor, running_stack
from tests.support.kehu import Kehu
from tests.support.stack import eventually, state_folder

PROCESSES = {
    "postgres",
    "rabbitmq",
    "gateway",
    *(f"{service}-{kind}" for service in SERVICES for kind in ("api", "work")),
}


class Watched(Kehu):
    """The command line, and the status of each process."""

    def status(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return document

    def ready(self) -> dict[str, psutil.Process]:
        """Every process, once all of them are ready at the same time."""
        seen: dict[str, Any] = {}

        def all_ready() -> bool:
            seen.update(self.status())
            return {process["health"] for process in seen["processes"]} == {"ready"}

        eventually(all_ready, within=PATIENCE_SECONDS, what="the stack is ready")
        return {process["name"]: psutil.Process(process["pid"]) for process in seen["processes"]}


def is_over(process: psutil.Process) -> bool:
    """Whether a process has exited, even if its parent has not reaped it yet."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture(scope="module")
def kehu() -> Iterator[Watched]:
    """A running stack."""
    with state_folder() as folder:
        command = Watched(folder)
        result = command.up()
        assert result.returncode == 0, result.stdout + result.stderr
        assert "Kehu is ready" in result.stdout
        yield command
        assert command.run("down").returncode == 0
        assert leftovers.find(command.folder) == []


def test_every_process_is_ready(kehu: Watched) -> None:
    assert kehu.ready().keys() == PROCESSES
    status = kehu.status()
    assert {process["state"] for process in status["processes"]} == {"running"}
    assert responds(f"{status['gateway_url']}/readyz")


def test_only_processes_that_use_the_broker_get_its_password(kehu: Watched) -> None:
    with_broker = {name for name, one in kehu.ready().items() if "KEHU_AMQP_URL" in one.environ()}
    assert with_broker == {f"{service}-work" for service in SERVICES}


def test_a_second_up_reports_the_running_stack(kehu: Watched) -> None:
    result = kehu.run("up", "--detach")
    assert result.returncode == 0
    assert "Already running" in result.stdout


def test_other_commands_find_the_stack(kehu: Watched) -> None:
    stack = running_stack(kehu.folder)
    assert stack.gateway_url == kehu.status()["gateway_url"]
    assert stack.admin_username == "admin"
    assert stack.admin_password in (kehu.folder / "credentials.json").read_text()


def test_operator_commands_run_those_of_the_service(kehu: Watched) -> None:
    result = kehu.run("dead-letters", "customer", "list")
    assert result.returncode == 0, result.stderr


def test_a_stranger_in_place_of_the_gateway_is_not_taken_for_it(
    kehu: Watched, tmp_path: Path
) -> None:
    """Passwords would be sent to it; it even responds as if it were ready."""
    orders = tmp_path / "orders.csv"
    orders.write_text("customer_id,date,quantity,amount_usd\n1,2026-01-01,1,5.00\n")
    stack = running_stack(kehu.folder)
    with closing(Supervisor(stack.state)) as running:
        running.stop_group(GATEWAY)
        with _always_ready(stack.ports["gateway"]):
            assert responds(f"{stack.gateway_url}/readyz")
            with pytest.raises(ServerError, match="another program listens on port"):
                start_processes(stack, running)
            health = {process["name"]: process["health"] for process in kehu.status()["processes"]}
            assert health.pop("gateway") == "port taken"
            assert set(health.values()) == {"ready"}
            for command in (["demo"], ["sales", "publish", str(orders)]):
                refused = kehu.run(*command)
                assert refused.returncode == 1
                assert "another program listens on port" in refused.stderr
    kehu.ready()


@contextmanager
def _always_ready(port: int) -> Iterator[None]:
    """A server on this port that responds to every GET with 200."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer((LOOPBACK, port), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def test_each_killed_process_is_restarted(kehu: Watched) -> None:
    before = kehu.ready()
    for process in before.values():
        process.kill()
    # Until then, a dying process could be mistaken for its successor.
    eventually(lambda: all(map(is_over, before.values())), within=30, what="all are dead")
    after = kehu.ready()
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())


def test_a_stack_whose_supervisor_was_killed_can_be_started_again(kehu: Watched) -> None:
    state = State(kehu.folder)
    ports, orphans = state.ports(), kehu.ready().values()
    psutil.Process(int(state.supervisor_pid.read_text())).kill()
    eventually(lambda: not supervisor.is_running(state), within=30, what="the supervisor is dead")
    result = kehu.run("up", "--detach", "--no-console")
    assert result.returncode == 0, result.stdout + result.stderr
    eventually(lambda: all(map(is_over, orphans)), within=30, what="the orphans are gone")
    assert state.ports() == ports
    kehu.ready()
