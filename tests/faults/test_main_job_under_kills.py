"""`kill -9` of every process and a broker restart in the middle of the main job lose and double
nothing.  The demonstration itself compares every figure with its input.

It runs step by step: it waits at the task, and at the piece of it, where the fault is due, and
continues after the fault.
"""

import csv
import os
import random
import re
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from kehu_cli.stack.readiness import ready
from kehu_cli.stack.state import State
from kehu_cli.stack.supervisor import ProcessInfo, Supervisor, running_stack
from tests.support.kehu import Kehu, RunningCommand
from tests.support.stack import eventually, state_folder

# The processes that are killed together while opportunities are developed, in turn.
FIRST_TASK = "opportunities developed"
EARLY = [
    (("rabbitmq",), signal.SIGTERM),  # a restart in good order
    (("gateway", "auth-work"), signal.SIGKILL),
    (("auth-api", "marketing-work"), signal.SIGKILL),
    (("marketing-api", "service-desk-work"), signal.SIGKILL),
]
# The processes killed in a later task: after this number of its pieces, or before its first one.
LATE = [
    ("opportunities won or lost", 50, ("postgres",)),
    ("sales events published", 500, ("rabbitmq",)),
    ("orders in effect", None, ("customer-work", "customer-api")),
    ("churn scan", None, ("customer-work",)),
    ("service request", None, ("service-desk-api",)),
    ("orders in the contribution report", None, ("reporting-api", "reporting-work")),
]

OPPORTUNITIES, CUSTOMERS, ORDERS_EACH = 240, 120, 20
# The numbers of developed opportunities at which the early ones are killed.
STOPS = [1, 60, 120, 180]
FIRST_DAY = date(1997, 1, 1)


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A made-up pipeline."""
    draw = random.Random(1)
    agents = [f"Agent {number}" for number in range(4)]
    companies = [f"Company {number}" for number in range(12)]
    teams = [(name, f"Manager {n % 2}", f"Office {n % 2}") for n, name in enumerate(agents)]
    accounts = [(name, "retail", 1990, 10.0, 100, "China", "") for name in companies]
    rows = [opportunity(number, draw, agents, companies) for number in range(OPPORTUNITIES)]
    path = tmp_path / "sales_pipeline.csv"
    write(tmp_path / "sales_teams.csv", "sales_agent manager regional_office", teams)
    write(
        tmp_path / "accounts.csv",
        "account sector year_established revenue employees office_location subsidiary_of",
        accounts,
    )
    write(tmp_path / "products.csv", "product series sales_price", [("A4", "A", 55)])
    write(
        path,
        "opportunity_id sales_agent product account deal_stage engage_date close_date close_value",
        rows,
    )
    return path


def opportunity(
    number: int, draw: random.Random, agents: list[str], companies: list[str]
) -> tuple[object, ...]:
    stage = draw.choice(["Won", "Won", "Lost", "Engaging", "Prospecting"])
    closed = stage in ("Won", "Lost")
    return (
        f"OPP{number:05}",
        draw.choice(agents),
        "A4",
        draw.choice(companies),
        stage,
        "" if stage == "Prospecting" else "2017-01-10",
        "2017-05-20" if closed else "",
        {"Won": draw.randint(10, 900), "Lost": 0}.get(stage, ""),
    )


def write(path: Path, columns: str, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns.split(), *rows])


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Made-up monthly purchases; every third customer buys more often, then stops."""
    path = tmp_path / "orders.csv"
    rows = [
        (f"C{customer:04}", FIRST_DAY + timedelta(days=day * (30 if customer % 3 else 10)), 1, 9.5)
        for customer in range(CUSTOMERS)
        for day in range(ORDERS_EACH)
    ]
    write(path, "customer_id date quantity amount_usd", rows)
    return path


@pytest.fixture
def kehu() -> Iterator[Kehu]:
    """A running stack of its own, without data."""
    with state_folder() as folder:
        command = Kehu(folder)
        up = command.up()
        try:
            assert up.returncode == 0, up.stdout + up.stderr
            yield command
        finally:
            command.run("down")


@pytest.mark.timeout(1800)
@pytest.mark.fault("F06", "F11", "F12", "F24")
def test_killing_any_process_in_the_main_job_changes_no_figure(
    kehu: Kehu, pipeline: Path, orders: Path
) -> None:
    arguments = ("--step", "--pipeline", str(pipeline), "--orders", str(orders), "--workers", "1")
    with kehu.start("demo", *arguments) as demo:
        steps = Steps(demo)
        steps.go_to(FIRST_TASK, STOPS[0])
        for (names, number), later in zip(EARLY, [*STOPS[1:], None], strict=True):
            ended = end(names, number, kehu)
            steps.assert_waits_in(FIRST_TASK)
            demo.enter(later or "")
            wait_until_all_are_ready(kehu, ended)
            if later:
                steps.wait_at(FIRST_TASK, later)
        for task, pieces, names in LATE:
            steps.go_to(task, pieces)
            end(names, signal.SIGKILL, kehu)
            steps.assert_waits_in(task)
            demo.enter()
        demo.close_input()
        assert demo.end() == 0, demo.text()[-6000:]
    wait_until_all_are_ready(kehu, {})


class Steps:
    """The demonstration, which waits before each task and at pieces of it."""

    def __init__(self, demo: RunningCommand) -> None:
        self.demo = demo
        self.begun = 0

    def go_to(self, task: str, pieces: int | None) -> None:
        """Continue task by task, until it waits before this one or at a piece of it."""
        while not self._next_task().startswith(task):
            self.demo.enter()
        if pieces is not None:
            self.demo.enter(pieces)
            self.wait_at(task, pieces)

    def wait_at(self, task: str, pieces: int) -> None:
        """Wait until it waits because this number of the task's pieces is done."""
        waiting = re.compile(rf"^    {task}: waiting at ([\d,]+)$", re.MULTILINE)
        self.demo.wait_until(
            lambda text: any(int(at.replace(",", "")) >= pieces for at in waiting.findall(text))
        )

    def assert_waits_in(self, task: str) -> None:
        """Assert that the task is running: a fault after it would prove nothing."""
        text = self.demo.text()
        assert _begun(text)[-1].startswith(task), text[-6000:]
        assert f"✓ {task}" not in text, text[-6000:]
        assert self.demo.process.poll() is None, text[-6000:]

    def _next_task(self) -> str:
        self.begun += 1
        text = self.demo.wait_until(lambda text: len(_begun(text)) >= self.begun)
        return _begun(text)[self.begun - 1]


def _begun(text: str) -> list[str]:
    """The tasks that have begun."""
    return re.findall(r"^  · (.+)$", text, re.MULTILINE)


def end(names: Sequence[str], number: signal.Signals, kehu: Kehu) -> dict[str, int]:
    """Send processes a signal, each as soon as it runs; returns their process ids."""
    before = {}
    for name in names:
        before[name] = eventually(lambda name=name: pids(kehu)[name], what=f"{name} runs")
        os.kill(before[name], number)
    return before


def wait_until_all_are_ready(kehu: Kehu, ended: dict[str, int]) -> None:
    """Wait until other processes have replaced those that ended, and all are ready."""
    stack = running_stack(kehu.folder)

    def are_back() -> bool:
        now = pids(kehu)
        return (
            not now.items() & ended.items()
            and all(now.values())
            and all(ready(stack, processes(kehu)).values())
        )

    eventually(are_back, within=120, what="all processes are back")


def pids(kehu: Kehu) -> dict[str, int]:
    """The process ids by name, from the supervisor; 0 for a stopped process."""
    return {info.name: info.pid for info in processes(kehu)}


def processes(kehu: Kehu) -> list[ProcessInfo]:
    """All processes, from the supervisor."""
    with closing(Supervisor(State(kehu.folder))) as supervisor:
        return supervisor.processes()
