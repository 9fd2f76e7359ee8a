"""Fixtures for the tests of deploy/: tools, and the chart rendered with every values file."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy import tools
from tests.deploy.broker import MeasuredBroker, measured

CHART = tools.ROOT / "deploy/helm/kehu"
VALUES = sorted(path.name.removesuffix("-values.yaml") for path in CHART.glob("ci/*.yaml"))
NAMESPACE = "crm"
Resources = list[dict[str, Any]]


@pytest.fixture(scope="session")
def chart_tools() -> tools.ChartTools:
    try:
        return tools.chart_tools()
    except tools.Unavailable as error:
        tools.skip_or_fail(f"the chart is not checked: {error}")


@pytest.fixture(scope="session")
def promtool() -> Path:
    try:
        return tools.promtool()
    except tools.Unavailable as error:
        tools.skip_or_fail(f"the alert rules are not checked: {error}")


@pytest.fixture(scope="session")
def helm(chart_tools: tools.ChartTools) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `helm template` with a values file of ci/ and further arguments."""

    def run(values: str | None, *arguments: str) -> subprocess.CompletedProcess[str]:
        given = ["--values", str(CHART / "ci" / f"{values}-values.yaml")] if values else []
        return subprocess.run(
            [str(chart_tools.helm), "template", "crm", str(CHART), "--namespace", NAMESPACE,
             *given, *arguments],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


@pytest.fixture(scope="session")
def rendered(
    helm: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """The file of resources rendered from each values file."""
    folder = tmp_path_factory.mktemp("rendered")
    files = {}
    for name in VALUES:
        result = helm(name)
        assert result.returncode == 0, result.stderr
        files[name] = folder / f"{name}.yaml"
        files[name].write_text(result.stdout)
    return files


@pytest.fixture
def resources(rendered: dict[str, Path]) -> Callable[[str], Resources]:
    """The resources rendered from a values file."""

    def load(name: str) -> Resources:
        return [found for found in yaml.safe_load_all(rendered[name].read_text()) if found]

    return load


@pytest.fixture(scope="session")
def measured_broker() -> Iterator[MeasuredBroker]:
    """A RabbitMQ with the Prometheus plugin."""
    with measured() as running:
        yield running
