"""Rules, dashboards and runbooks are valid and complete, and their metrics exist."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import REGISTRY

from kehu_cli.catalogue import CONTRACTS, ROOT, SERVICES, module
from tests.deploy.broker import MeasuredBroker
from tests.support.stack import eventually

PROMETHEUS = ROOT / "deploy/observability/prometheus"
DASHBOARDS = sorted((ROOT / "deploy/observability/grafana/dashboards").glob("*.json"))
RUNBOOKS = ROOT / "deploy/runbooks"
RULES = yaml.safe_load((PROMETHEUS / "rules.yml").read_text())
ALERTS = {
    rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"] if "alert" in rule
}
METRIC_MODULES = (
    "kehu_chassis.observability.metrics",
    "kehu_gateway.metrics",
    "kehu_auth.features.sessions.service",
)
# The metrics of Prometheus itself, and the labels that the scrape configuration adds.
PROMETHEUS_METRICS = {"up"}
TARGET_LABELS = {"service", "process", "job", "instance"}
KEYWORDS = {"and", "or", "unless", "by", "on", "vector", "bool", "offset", "group_left", "ignoring"}


def check(promtool: Path, *arguments: str) -> None:
    result = subprocess.run(
        [str(promtool), *arguments],
        cwd=PROMETHEUS, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_rules_and_the_scrape_configuration_are_valid(promtool: Path) -> None:
    check(promtool, "check", "config", "prometheus.yml")


def test_each_alert_fires_and_none_on_a_calm_day(promtool: Path) -> None:
    check(promtool, "test", "rules", "rules.test.yml")


def test_each_alert_has_a_unit_test() -> None:
    tests = (PROMETHEUS / "rules.test.yml").read_text()
    assert set(re.findall(r'alertname="(\w+)"', tests)) == set(ALERTS)


def test_each_alert_has_its_runbook_and_each_runbook_its_alert() -> None:
    assert {path.stem for path in RUNBOOKS.glob("Kehu*.md")} == set(ALERTS)
    for name, rule in ALERTS.items():
        assert rule["annotations"]["runbook"] == f"deploy/runbooks/{name}.md"
        assert rule["labels"]["severity"] in ("page", "ticket")
        text = (RUNBOOKS / f"{name}.md").read_text()
        assert text.startswith(f"# {name}\n")
        headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
        assert headings == ["Meaning", "Check", "Repair", "Reproduce"], name
    overview = (RUNBOOKS / "README.md").read_text()
    assert set(re.findall(r"\((Kehu\w+)\.md\)", overview)) == set(ALERTS)


def expressions() -> Iterator[tuple[str, str]]:
    """Every PromQL expression, with its place."""
    for group in RULES["groups"]:
        for rule in group["rules"]:
            yield rule.get("alert") or rule["record"], rule["expr"]
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", []):
                yield f"{path.name}: {panel['title']}", target["expr"]


def selectors(expression: str) -> Iterator[tuple[str, set[str]]]:
    """The metrics of an expression, each with the labels that it matches."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    bare = re.sub(r"\b(by|on|without|ignoring)\s*\([^)]*\)", " ", bare)
    bare = re.sub(r"\[[^\]]*\]", " ", bare)
    for name, matchers in re.findall(r"([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?(?![\w:]*\s*\()", bare):
        if name not in KEYWORDS:
            yield name, set(re.findall(r"(\w+)\s*(?:=|!)", matchers))


def exported() -> dict[str, set[str]]:
    """Every metric of Kehu's code, with its labels."""
    for name in METRIC_MODULES:
        import_module(name)
    found: dict[str, set[str]] = {}
    for collector in set(REGISTRY._names_to_collectors.values()):
        for name, registered in list(REGISTRY._names_to_collectors.items()):
            if registered is collector:
                found[name] = {"le", *getattr(collector, "_labelnames", ())}
    return found


def broker_metrics(broker: MeasuredBroker) -> dict[str, set[str]]:
    """Every metric that the scrape configuration gets from a real broker, with its labels."""
    found: dict[str, set[str]] = {}
    scrape = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    for config in scrape:
        if not config["job_name"].startswith("rabbitmq"):
            continue
        families = "&".join(f"family={name}" for name in config.get("params", {}).get("family", []))
        url = f"{broker.metrics_url}{config.get('metrics_path', '/metrics')}?{families}"
        # A broker exports no metrics of queues in the first seconds after its start.
        wanted = "rabbitmq_detailed_queue_messages{" if families else "rabbitmq_alarms"
        text = eventually(lambda url=url, wanted=wanted: _text_with(url, wanted), what=wanted)
        for name, labels in re.findall(r"^([a-z_]+)(\{.*\})? ", text, flags=re.MULTILINE):
            found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return found


def _text_with(url: str, wanted: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as response:
        text: str = response.read().decode()
    return text if wanted in text else ""


def test_every_metric_exists(measured_broker: MeasuredBroker) -> None:
    known = exported() | broker_metrics(measured_broker)
    known |= {name: set() for name in PROMETHEUS_METRICS}
    known |= {
        rule["record"]: set()
        for group in RULES["groups"]
        for rule in group["rules"]
        if "record" in rule
    }
    seen = set()
    for place, expression in expressions():
        for name, labels in selectors(expression):
            assert name in known, f"{place}: {name} does not exist"
            assert labels <= known[name] | TARGET_LABELS, f"{place}: {name} has no such label"
            seen.add(name)
    assert len(seen) > 30


def test_every_exported_metric_is_used() -> None:
    used = {name for _place, expression in expressions() for name, _ in selectors(expression)}
    bases = {re.sub("_(bucket|sum|count|created)$", "", name) for name in used}
    ours = {
        re.sub("_(bucket|sum|count|created)$", "", name)
        for name in exported()
        if not name.startswith(("python_", "process_")) and not name.endswith(("_created", "_info"))
    }
    totals = {name for name in ours if f"{name}_total" in ours}
    unused = ours - bases - totals
    assert unused == {
        "amqp_shared_login",  # for inspecting one process
        "job_last_success_timestamp_seconds",  # for inspecting one process
        "kehu_gateway_refusals_sent_total",
    }


def test_names_in_matchers_exist() -> None:
    """Routes and jobs are spelt correctly."""
    routes = {
        route
        for service in SERVICES
        for route in json.loads((CONTRACTS / f"openapi/{service}.json").read_text())["paths"]
    }
    jobs = {
        job.name for name in SERVICES for job in import_module(f"{module(name)}.app").service.jobs()
    }
    for place, expression in expressions():
        for route in re.findall(r'route="([^"]+)"', expression):
            assert route in routes, place
        for job in re.findall(r'\bname!?="([^"]+)"', expression):
            assert job in jobs, place


def test_dashboards_are_valid(promtool: Path, tmp_path: Path) -> None:
    documents = [json.loads(path.read_text()) for path in DASHBOARDS]
    assert [path.stem for path in DASHBOARDS] == ["database", "events", "overview", "service"]
    assert len({document["uid"] for document in documents}) == len(documents)
    for document in documents:
        ids = [panel["id"] for panel in document["panels"]]
        assert len(ids) == len(set(ids))
        assert not _overlapping(document["panels"])
    rules = [
        {"record": "x", "expr": expression}
        for place, expression in expressions()
        if ".json" in place
    ]
    groups = [{"name": str(number), "rules": [rule]} for number, rule in enumerate(rules)]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": groups}))
    check(promtool, "check", "rules", "--lint=none", str(tmp_path / "rules.yml"))


def _overlapping(panels: list[dict[str, Any]]) -> bool:
    taken = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in panels
        for x, y in product(range(panel["gridPos"]["w"]), range(panel["gridPos"]["h"]))
    ]
    return len(taken) != len(set(taken)) or any(x >= 24 for x, _ in taken)


def test_every_process_is_scraped() -> None:
    configs = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    names = {
        name
        for config in configs
        if config["job_name"] == "kehu-services"
        for name in config["dns_sd_configs"][0]["names"]
    }
    processes = ("api", "consume", "relay", "jobs", "work")
    assert names == {f"{service}-{process}" for service in SERVICES for process in processes}


def test_every_event_has_a_reader() -> None:
    """An event without a reader ends in `unrouted`, which raises an alert."""
    operations = yaml.safe_load((CONTRACTS / "asyncapi.yaml").read_text())["operations"].values()
    channels: dict[str, set[str]] = {"send": set(), "receive": set()}
    for operation in operations:
        channels[operation["action"]].add(operation["channel"]["$ref"])
    assert channels["send"] == channels["receive"]


def test_the_collector_uses_what_it_declares() -> None:
    config = yaml.safe_load((ROOT / "deploy/observability/otel/collector.yml").read_text())
    assert set(config["service"]["extensions"]) == set(config["extensions"])
    (pipeline,) = config["service"]["pipelines"].values()
    for part in ("receivers", "processors", "exporters"):
        assert set(pipeline[part]) == set(config[part])


def test_a_trials_logins_are_accepted(measured_broker: MeasuredBroker, resources: Any) -> None:
    """The definitions in the chart's Secret contain plain passwords; a real broker accepts them."""
    secrets = {
        one["metadata"]["name"]: one for one in resources("trial") if one["kind"] == "Secret"
    }
    definitions = secrets["crm-kehu-rabbitmq-files"]["stringData"]["definitions.json"]
    measured_broker.import_definitions(definitions)
    for service in SERVICES:
        url = secrets[f"crm-kehu-{service}"]["stringData"]["amqp-url"]
        login, password = re.fullmatch(r"amqp://(.+):(.+)@.*", url).groups()  # type: ignore[union-attr]
        assert measured_broker.accepts(login, password)
        assert not measured_broker.accepts(login, "wrong")
