"""`kill -9` of every process and a broker restart in the middle of the main job: nothing is lost,
nothing is doubled.  The demonstration itself compares every figure with its input."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.stack import eventually, state_folder

ROOT = Path(__file__).parents[2]
KEHU = [sys.executable, "-m", "kehu_local"]
# Who dies together; each process does, some also with another that works on the same thing.
KILLED = [
    ("gateway", "auth-work"), ("auth-api", "marketing-work"), ("marketing-api", "customer-work"),
    ("customer-api", "service-desk-work"), ("service-desk-api", "reporting-work"),
    ("reporting-api",), ("postgres",), ("rabbitmq",),
]  # fmt: skip
FAULTS = [
    (("rabbitmq",), signal.SIGTERM),  # a restart in good order
    *((names, signal.SIGKILL) for names in KILLED),
]

OPPORTUNITIES = 500


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A made-up pipeline, long enough that it is still being played when the last process dies."""
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
def environment() -> Iterator[dict[str, str]]:
    """A stack of its own, running, with nothing in it."""
    with state_folder() as state:
        yield from started(state)


def started(state: Path) -> Iterator[dict[str, str]]:
    variables = {**os.environ, "KEHU_STATE": str(state)}
    up = run("up", "--detach", environment=variables)
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        yield variables
    finally:
        run("down", environment=variables)


def run(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*KEHU, *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def processes(environment: dict[str, str]) -> dict[str, dict[str, Any]]:
    shown = json.loads(run("status", "--json", environment=environment).stdout)
    return {process["name"]: process for process in shown["processes"]}


@pytest.mark.timeout(1800)
@pytest.mark.fault("F06", "F11", "F12", "F24")
def test_killing_anything_in_the_middle_changes_no_figure(
    environment: dict[str, str], pipeline: Path, tmp_path: Path
) -> None:
    log = tmp_path / "demo.log"
    with log.open("w") as output:
        demo = subprocess.Popen(
            [*KEHU, "demo", "--pipeline", str(pipeline), "--workers", "1"],
            cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            done = [
                (names, number)
                for names, number in FAULTS
                if demo.poll() is None and end(names, number, environment)
            ]
            code = demo.wait(timeout=900)
        finally:
            if demo.poll() is None:
                demo.kill()
                demo.wait()
    assert code == 0, log.read_text()[-6000:]
    assert done == FAULTS, f"the demonstration ended before the faults did: {done}"


def end(names: Sequence[str], number: signal.Signals, environment: dict[str, str]) -> bool:
    """End processes, and wait until others have taken their place and are ready."""
    before = processes(environment)
    pids = {name: before[name]["pid"] for name in names}
    for pid in pids.values():
        os.kill(pid, number)

    def are_back() -> bool:
        now = processes(environment)
        return all(
            now[name]["pid"] not in (None, pid) and now[name]["health"] == "ready"
            for name, pid in pids.items()
        )

    eventually(are_back, within=120, what=f"{', '.join(names)} come back")
    return True
