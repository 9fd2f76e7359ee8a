"""`kill -9` of every process and a broker restart in the middle of the main job: nothing is lost,
nothing is doubled.  The demonstration itself compares every figure with its input."""

import csv
import os
import random
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from kehu_cli.stack.readiness import ready
from kehu_cli.stack.state import State
from kehu_cli.stack.supervisor import Supervisor, running_stack
from tests.support.kehu import Kehu, Playing
from tests.support.stack import eventually, state_folder

# Who dies together while opportunities are developed, one after the other.
EARLY = [
    (("rabbitmq",), signal.SIGTERM),  # a restart in good order
    (("gateway", "auth-work"), signal.SIGKILL),
    (("auth-api", "marketing-work"), signal.SIGKILL),
    (("marketing-api", "service-desk-work"), signal.SIGKILL),
]
# Who dies as soon as a later task has begun. Its line in the log is the trigger.
LATE = [
    ("opportunities won or lost", ("postgres",)),
    ("sales events published", ("rabbitmq",)),
    ("orders in effect", ("customer-work", "customer-api")),
    ("churn scan", ("customer-work",)),
    ("service request", ("service-desk-api",)),
    ("orders in the contribution report", ("reporting-api", "reporting-work")),
]
FIRST_TASK = "opportunities developed"

# Long enough, also on a quick machine, that opportunities are still being developed when the last
# of the early ones die, and that orders are on their way when the broker and their consumer do.
OPPORTUNITIES, CUSTOMERS, ORDERS_EACH = 700, 120, 20
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
    """Made-up purchases, once a month; every third customer buys more often, then no more."""
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
    """A stack of its own, running, with nothing in it."""
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
def test_killing_anything_in_the_middle_changes_no_figure(
    kehu: Kehu, pipeline: Path, orders: Path
) -> None:
    arguments = ("--pipeline", str(pipeline), "--orders", str(orders), "--workers", "1")
    with kehu.playing("demo", *arguments) as demo:
        demo.wait_for(f"· {FIRST_TASK}")
        for names, number in EARLY:
            wait_until_all_are_ready(kehu, end(names, number, kehu))
            assert_runs(demo)
        for task, names in LATE:
            demo.wait_for(f"· {task}")
            end(names, signal.SIGKILL, kehu)
            assert_runs(demo)
        assert demo.end() == 0, demo.text()[-6000:]
    wait_until_all_are_ready(kehu, {})


def assert_runs(demo: Playing) -> None:
    """A fault after the demonstration would prove nothing."""
    assert demo.process.poll() is None, demo.text()[-6000:]


def end(names: Sequence[str], number: signal.Signals, kehu: Kehu) -> dict[str, int]:
    """End processes, each as soon as it runs; returns what they were."""
    before = {}
    for name in names:
        before[name] = eventually(lambda name=name: pids(kehu)[name], what=f"{name} runs")
        os.kill(before[name], number)
    return before


def wait_until_all_are_ready(kehu: Kehu, ended: dict[str, int]) -> None:
    """Others have taken the place of those that ended, and everything can be used."""
    stack = running_stack(kehu.folder)

    def are_back() -> bool:
        now = pids(kehu)
        return (
            not now.items() & ended.items()
            and all(now.values())
            and all(ready(stack, list(now)).values())
        )

    eventually(are_back, within=120, what="all processes are back")


def pids(kehu: Kehu) -> dict[str, int]:
    """The processes as their supervisor knows them; 0 for one that does not run."""
    with closing(Supervisor(State(kehu.folder))) as supervisor:
        return {info.name: info.pid for info in supervisor.processes()}
