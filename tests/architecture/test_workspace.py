"""Files that list the services by hand list all of them, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from kehu_cli.catalogue import ROOT, SERVICES, module
from kehu_cli.operations.containers import PROCESSES
from kehu_cli.stack.databases import database_name

CHART = ROOT / "deploy" / "helm" / "kehu"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The services of docker-compose.yml."""
    services: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return services


def test_every_service_has_a_package_of_its_name() -> None:
    for service in SERVICES:
        folder = ROOT / "services" / service
        assert (folder / "src" / module(service) / "__main__.py").exists()
        assert f'name = "kehu-{service}"' in (folder / "pyproject.toml").read_text()


def test_compose_runs_every_process_of_every_service(compose: dict[str, Any]) -> None:
    ours = {name for name, each in compose.items() if each["image"].startswith("kehu/")}
    expected = {f"{service}-{each}" for service in SERVICES for each in (*PROCESSES, "migrate")}
    assert ours == expected | {"gateway"}


def test_compose_builds_each_service_from_its_folder(compose: dict[str, Any]) -> None:
    builds = [each["build"] for each in compose.values() if "build" in each]
    rooms = {build["args"]["ROOM"] for build in builds}
    assert rooms == {f"services/{service}" for service in SERVICES} | {"gateway"}


def test_the_gateway_finds_every_service_in_compose(compose: dict[str, Any]) -> None:
    given = compose["gateway"]["environment"]
    urls = {given.get(f"KEHU_{service.upper().replace('-', '_')}_URL") for service in SERVICES}
    assert urls == {f"http://{service}-api:8000" for service in SERVICES}
    assert set(compose["gateway"]["depends_on"]) == {f"{service}-api" for service in SERVICES}


def test_every_service_has_a_database_in_compose(compose: dict[str, Any]) -> None:
    wanted = json.loads(compose["databases"]["environment"]["KEHU_DATABASES"])
    assert set(wanted) == {database_name(service) for service in SERVICES}


def test_the_chart_has_every_service() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())["services"]
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]["services"]
    assert set(values) == set(schema["properties"]) == set(schema["required"]) == set(SERVICES)
