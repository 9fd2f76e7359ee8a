"""The notes service on a fresh database, with its contracts and those of auth."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kehu_chassis.runtime.service import Service
from kehu_chassis.testing import Harness
from kehu_notes.app import service

EXAMPLE = Path(__file__).parents[1]
CONTRACTS = EXAMPLE.parents[1] / "contracts"


@pytest.fixture(scope="session")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the example publishes and receives, and the users and departments of auth."""
    folder = tmp_path_factory.mktemp("contracts")
    shutil.copytree(EXAMPLE / "contracts", folder, dirs_exist_ok=True)
    shutil.copytree(CONTRACTS / "events/auth", folder / "events/auth")
    return folder


@pytest.fixture
def harness(database_url: Callable[[Service], str], contracts: Path) -> Iterator[Harness]:
    """The notes service."""
    running = Harness(service, database_url(service), contracts)
    yield running
    running.close()
