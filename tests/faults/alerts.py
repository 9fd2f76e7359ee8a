"""The alerts that an experiment raises, by a private Prometheus with the project's rules.

It ignores the delay of the rules (``for``), which their unit tests cover.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import urllib3
import yaml

from kehu_cli.catalogue import ROOT, SERVICES
from kehu_cli.operations.containers import PROCESSES
from kehu_cli.ports import private_port
from tests.deploy import tools
from tests.support.compose import Installation
from tests.support.stack import eventually

FOLDER = ROOT / "deploy/observability/prometheus"
_http = urllib3.PoolManager(timeout=5, retries=False)


@dataclass
class Alerts:
    """The alerts of an installation, from its Prometheus."""

    installation: Installation
    url: str
    targets: Path

    def firing(self) -> set[str]:
        """The names of the firing alerts."""
        self.update_targets()
        response = _http.request("GET", f"{self.url}/api/v1/alerts").json()
        return {alert["labels"]["alertname"] for alert in response["data"]["alerts"]}

    def fires(self, name: str, within: float = 60) -> None:
        """Wait until an alert fires."""
        eventually(lambda: name in self.firing(), within=within, what=f"{name} fires")

    def clears(self, name: str, within: float = 60) -> None:
        """Wait until an alert clears."""
        eventually(lambda: name not in self.firing(), within=within, what=f"{name} clears")

    def update_targets(self) -> None:
        """Give Prometheus the addresses of the containers, which may change when they restart."""
        found = self.installation.containers()
        groups = [
            self._group(name, 9000, "kehu", service=service, process=process)
            for service in SERVICES
            for process in PROCESSES
            for name in found[f"{service}-{process}"]
        ]
        groups += [
            self._group(found["gateway"][0], 9000, "kehu", service="gateway", process="gateway"),
            self._group(found["rabbitmq"][0], 15692, "rabbitmq"),
        ]
        self.targets.write_text(json.dumps([group for group in groups if group]))

    def _group(self, container: str, port: int, job: str, **labels: str) -> dict[str, Any] | None:
        networks = self.installation.inspect(container)["NetworkSettings"]["Networks"].values()
        addresses = [network["IPAddress"] for network in networks if network["IPAddress"]]
        if not addresses:
            return None
        return {"targets": [f"{addresses[0]}:{port}"], "labels": {"job": job, **labels}}


@contextmanager
def watching(installation: Installation) -> Iterator[Alerts]:
    """Run a Prometheus that scrapes the installation every three seconds."""
    try:
        program = tools.promtool().with_name("prometheus")
    except tools.Unavailable as error:
        tools.skip_or_fail(f"alerts are not watched: {error}")
    port = private_port()
    with TemporaryDirectory() as name:
        folder = Path(name)
        rules = (FOLDER / "rules.yml").read_text()
        (folder / "rules.yml").write_text(re.sub(r"^ +for: .*\n", "", rules, flags=re.MULTILINE))
        (folder / "prometheus.yml").write_text(yaml.safe_dump(_configuration(folder)))
        alerts = Alerts(installation, f"http://127.0.0.1:{port}", folder / "targets.json")
        alerts.update_targets()
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [str(program), f"--config.file={folder}/prometheus.yml",
                 f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"],
                stdout=log, stderr=log,
            )  # fmt: skip
        try:
            eventually(lambda: _all_are_up(alerts), within=60, what="all targets are up")
            yield alerts
        finally:
            process.terminate()
            process.wait(30)


def _configuration(folder: Path) -> dict[str, Any]:
    found = [{"files": [f"{folder}/targets.json"], "refresh_interval": "1s"}]
    of_queues = {"family": ["queue_coarse_metrics", "queue_consumer_count"]}
    only_broker = [{"source_labels": ["job"], "regex": "rabbitmq", "action": "keep"}]
    return {
        "global": {"scrape_interval": "3s", "scrape_timeout": "3s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [
            {"job_name": "all", "honor_labels": True, "file_sd_configs": found},
            {
                "job_name": "queues",
                "metrics_path": "/metrics/detailed",
                "params": of_queues,
                "file_sd_configs": found,
                "relabel_configs": only_broker,
            },
        ],
    }


def _all_are_up(alerts: Alerts) -> bool:
    response = _http.request("GET", f"{alerts.url}/api/v1/targets")
    assert response.status == 200, response.data
    targets = response.json()["data"]["activeTargets"]
    down = [target["labels"] for target in targets if target["health"] != "up"]
    assert targets and not down, down
    return True
