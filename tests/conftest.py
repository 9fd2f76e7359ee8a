"""The whole system, started once per run: by `./kehu up` and in containers."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.support import workers
from tests.support.compose import Installation, installation
from tests.support.kehu import own_port
from tests.support.stack import RunningStack, state_folder

ROOT = Path(__file__).parents[1]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests in the order in which the processes run them."""
    ours = [item for item in items if item.path.is_relative_to(ROOT / "tests")]
    for item in ours:
        if not workers.is_grouped(file_of(item), frozenset(getattr(item, "fixturenames", ()))):
            raise pytest.UsageError(f"{item.nodeid} is missing in tests/support/workers.py")
    repeated = [name for name, times in Counter(item.nodeid for item in items).items() if times > 1]
    if repeated:
        raise pytest.UsageError(f"processes would run only one of the tests named {repeated[0]}")
    items.sort(key=lambda item: workers.position(file_of(item)))


def file_of(item: pytest.Item) -> str:
    """The path of a test, as tests/support/workers.py names it."""
    return item.path.relative_to(ROOT).as_posix()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop the stack after its last test: even idle it would slow down all that follow."""
    used = workers.STACK in getattr(item, "fixturenames", ())
    if used and nextitem and workers.group_of(file_of(nextitem)) != workers.STACK:
        _running.close()


_running = ExitStack()


@pytest.fixture(scope="session")
def stack() -> Iterator[RunningStack]:
    """The whole system on free ports, with state of its own; stopped and removed at the end."""
    with _running:
        yield _running.enter_context(running(_running.enter_context(state_folder())))


@contextmanager
def running(state: Path) -> Iterator[RunningStack]:
    """A running stack."""
    password = "correct-horse-battery"
    environment = {
        **os.environ,
        "KEHU_STATE": str(state),
        "KEHU_ADMIN_USERNAME": "admin",
        "KEHU_ADMIN_PASSWORD": password,
        # These tests send bursts of requests as one person.
        "KEHU_CALLER_RATE": "100000",
        "KEHU_CALLER_BURST": "100000",
        "KEHU_ADDRESS_RATE": "100000",
        "KEHU_ADDRESS_BURST": "100000",
    }
    command = [sys.executable, "-m", "kehu_cli"]
    started = subprocess.run(
        [*command, "up", "--detach", "--no-console", *own_port()],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert started.returncode == 0, started.stdout + started.stderr
    try:
        status = subprocess.run(
            [*command, "status", "--json"],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        yield RunningStack(json.loads(status.stdout), state, "admin", password)
    finally:
        subprocess.run([*command, "down"], cwd=ROOT, env=environment, timeout=120, check=False)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation in containers with images and secrets; nothing is started."""
    with installation(tmp_path_factory.mktemp("compose")) as created:
        created.build()
        yield created


@pytest.fixture(scope="session")
def demonstration(built: Installation) -> CompletedProcess[str]:
    """The main job, played as soon as everything runs in containers: it needs an empty Kehu."""
    built.up()
    return built.kehu(
        *("demo", "--gateway", built.gateway_url, "--amqp", built.amqp_url("sales")),
        *("--admin-username", built.values["KEHU_ADMIN_USERNAME"]),
        *("--admin-password", built.values["KEHU_ADMIN_PASSWORD"]),
        check=False,
    )


@pytest.fixture(scope="session")
def containers(built: Installation, demonstration: CompletedProcess[str]) -> Installation:
    """Everything is running in containers."""
    return built
