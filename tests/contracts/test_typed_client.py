"""A generated client is complete, type-checks strictly, and understands the real service."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from kehu_chassis.runtime.service import Service
from kehu_chassis.testing import Harness
from kehu_cli.catalogue import CONTRACTS, SERVICES, module
from kehu_marketing.app import service as marketing

CONFIG = "post_hooks: []\n"  # what is generated need not be pretty


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A package ``client_<service>`` for every document, on the path."""
    folder = tmp_path_factory.mktemp("clients")
    (folder / "config.yaml").write_text(CONFIG)
    for name in SERVICES:
        # A warning is a part of the document that the generator leaves out.
        run(
            "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning",
            "--config", str(folder / "config.yaml"),
            "--path", str(CONTRACTS / "openapi" / f"{name}.json"),
            "--output-path", str(folder / package(name)),
        )  # fmt: skip
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture
def harness(database_url: Callable[[Service], str]) -> Iterator[Harness]:
    """Marketing on a fresh database."""
    running = Harness(marketing, database_url(marketing), CONTRACTS)
    yield running
    running.close()


def package(name: str) -> str:
    return module(name).replace("kehu_", "client_")


def run(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_client_is_complete_and_type_checks(clients: Path, tmp_path: Path) -> None:
    names = [str(clients / package(name)) for name in SERVICES]
    run("mypy", "--config-file=", "--strict", "--cache-dir", str(tmp_path), *names)


def test_a_client_creates_and_reads_a_record(clients: Path, harness: Harness) -> None:
    manager = harness.user("account_manager", department=harness.department())
    client = part("client").AuthenticatedClient(
        base_url="http://kehu",
        token=harness.identity.token(manager),
        httpx_args={"transport": httpx.WSGITransport(app=harness.app)},
        raise_on_unexpected_status=True,
    )
    form = part("models").OpportunityForm(
        customer_name="长城", success_rate=40, summary="Paper", description="Yearly."
    )
    create, get = operation("create_opportunity"), operation("get_opportunity")
    made = create.sync(client=client, body=form)
    assert isinstance(made.id, UUID) and made.status.value == "unassigned"
    assert get.sync(made.id, client=client) == made
    refused = create.sync(client=client, body=part("models").OpportunityForm.from_dict(
        {**form.to_dict(), "success_rate": 101}
    ))  # fmt: skip
    assert isinstance(refused, part("models").Problem)
    assert refused.code == "validation-failed"


def part(name: str) -> Any:
    return importlib.import_module(f"client_marketing.{name}")


def operation(name: str) -> Any:
    return part(f"api.opportunities.{name}")
