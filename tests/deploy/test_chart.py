"""The chart renders, passes Kubernetes' schemas and the policy scanner, and fits the code."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from kehu_chassis import config
from kehu_chassis.data import database as db
from kehu_cli.catalogue import CONTRACTS, DEFINITIONS, SERVICES
from kehu_gateway import settings as gateway_settings
from tests.deploy.cluster import (
    Labels,
    Resources,
    allows,
    container,
    name_of,
    of_kind,
    pod_labels,
    selects,
    workloads,
)
from tests.deploy.conftest import CHART, VALUES
from tests.deploy.tools import ChartTools

Helm = Callable[..., subprocess.CompletedProcess[str]]
Load = Callable[[str], Resources]
PROCESSES = ("api", "consume", "relay", "jobs")
WITHOUT_SCHEMA = {"PodMonitor", "PrometheusRule", "ScaledObject", "TriggerAuthentication"}
every_values_file = pytest.mark.parametrize("values", VALUES)


@every_values_file
def test_kubernetes_accepts_every_field(
    rendered: dict[str, Path], chart_tools: ChartTools, values: str
) -> None:
    result = subprocess.run(
        [str(chart_tools.validator), "--strict", "-k", "1.34", str(rendered[values])],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    output = result.stdout + result.stderr
    assert result.returncode == 0 and "ERROR" not in output, output
    unknown = set(re.findall(r"Couldn't find schema for kind (\w+)", output))
    assert unknown <= WITHOUT_SCHEMA
    assert len(re.findall("passed", output)) > 30


def test_the_policy_scanner_passes(rendered: dict[str, Path], chart_tools: ChartTools) -> None:
    """Restricted pods: no root, no writable files, no token, no privileges; limits and probes."""
    files = [str(path) for path in rendered.values()]
    result = subprocess.run(
        [str(chart_tools.scanner), "--config-file", str(CHART.parent / "checkov.yaml"),
         "--output", "json", "--file", *files],
        capture_output=True, text=True, timeout=200, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(rendered["ha"].parent), "LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    report = json.loads(result.stdout)
    failed = [f"{f['check_id']} {f['resource']}" for f in report["results"]["failed_checks"]]
    assert failed == []
    assert report["summary"]["resource_count"] > 150 and report["summary"]["parsing_errors"] == 0


def test_every_values_file_is_complete(chart_tools: ChartTools) -> None:
    for values in VALUES:
        result = subprocess.run(
            [str(chart_tools.helm), "lint", "--strict", str(CHART),
             "--values", str(CHART / "ci" / f"{values}-values.yaml")],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("tpyo=1", "tpyo"),
        ("services.customer.aip.replicas=2", "aip"),
        ("services.billing.digest=", "billing"),
        ("processes.api.threads=0", "threads"),
        ("currency=yuan", "currency"),
        ("services.customer.digest=latest", "digest"),
    ],
)
def test_the_schema_rejects(helm: Helm, setting: str, complaint: str) -> None:
    result = helm("external", "--set", setting)
    assert result.returncode != 0
    assert "values don't meet the specifications" in result.stderr and complaint in result.stderr


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("services.customer.existingSecret=", "services.customer.existingSecret: name the Secret"),
        ("gateway.existingSecret=", "gateway.existingSecret: name the Secret"),
        ("postgresql.peers=null", "networkPolicy: list the servers in postgresql.peers"),
        ("processes.consume.autoscaling.enabled=true", "keda.existingSecret: name the Secret"),
        ("tracing.endpoint=http://collector:4318", "tracing.peers: list the collector"),
    ],
)
def test_a_missing_setting_is_named(helm: Helm, setting: str, complaint: str) -> None:
    result = helm("external", "--set", setting)
    assert result.returncode != 0 and complaint in result.stderr


def test_the_connection_budget_matches_the_code(helm: Helm) -> None:
    """Replicas plus one, times the connections of a process, are at most 0.8 of the limit."""
    threads, workers = 6, 3
    sizes = ["--set", f"processes.api.threads={threads},processes.api.workers={workers}"]
    each = {"api": workers * limit(threads)} | dict.fromkeys(PROCESSES[1:], limit(2))
    own = limit(1) + sum(3 * count for count in each.values())
    with_four_apis = own + 2 * each["api"]
    sizes += ["--set", "services.customer.api.replicas=4"]
    total = 4 * own + with_four_apis
    enough = -(-total * 10 // 8)
    assert helm("external", *sizes, "--set", f"postgresql.maxConnections={enough}").returncode == 0
    rejected = helm("external", *sizes, "--set", f"postgresql.maxConnections={enough - 1}")
    assert rejected.returncode != 0
    assert f"connection budget: the processes may open {total} connections" in rejected.stderr
    assert f"auth {own}, customer {with_four_apis}" in rejected.stderr


def limit(pool: int) -> int:
    """The maximum number of connections of a process with this pool."""
    database = db.Database(
        "postgresql+psycopg://x@localhost/x", service="x", pool=pool, application="x"
    )
    return database.engine.pool.size() + database.engine.pool._max_overflow  # type: ignore[attr-defined]


def test_the_budget_counts_the_maximum_of_autoscaling(helm: Helm) -> None:
    assert helm("ha", "--set", "postgresql.maxConnections=800").returncode == 0
    assert helm("ha", "--set", "processes.api.autoscaling.maxReplicas=60").returncode != 0
    assert helm("ha", "--set", "processes.consume.autoscaling.maxReplicas=60").returncode != 0


@every_values_file
def test_every_process_of_every_service_is_deployed(resources: Load, values: str) -> None:
    found = {name_of(one): one for one in of_kind(resources(values), "Deployment")}
    expected = ("api", "work") if values == "trial" else PROCESSES
    names = {f"crm-kehu-{service}-{process}" for service in SERVICES for process in expected}
    assert set(found) == names | {"crm-kehu-gateway"}
    for deployment in found.values():
        main = container(deployment)
        ports = {port["name"]: port["containerPort"] for port in main["ports"]}
        for probe in ("startup", "liveness", "readiness"):
            request = main[f"{probe}Probe"]["httpGet"]
            assert request["path"] == ("/readyz" if probe == "readiness" else "/healthz")
            assert request["port"] == "probes"
        bind, probes = variable(main, "KEHU_BIND"), variable(main, "KEHU_PROBE_BIND")
        bound = {int(address.rsplit(":")[1]) for address in (bind, probes)}
        assert ports["probes"] == 9000 and set(ports.values()) <= bound
        spec = deployment["spec"]["template"]["spec"]
        assert spec["terminationGracePeriodSeconds"] > 25, "launcher and consumers take up to 25 s"
        assert {spread["topologyKey"] for spread in spec["topologySpreadConstraints"]} == {
            "kubernetes.io/hostname", "topology.kubernetes.io/zone",
        }  # fmt: skip


def variable(main: dict[str, Any], name: str) -> str:
    value: str = next(one["value"] for one in main["env"] if one["name"] == name)
    return value


@every_values_file
def test_every_process_accepts_its_environment(
    resources: Load, values: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chart sets every variable that the code needs, and only variables that it reads."""
    secrets = {
        "database-url": "postgresql://role:secret@db/role",
        "amqp-url": "amqp://{service}:secret@mq/%2F",
    }
    sources = "".join(path.read_text() for path in config_sources())
    for workload in workloads(resources(values)):
        labels = pod_labels(workload)
        if labels["kehu-process"] == "server":
            continue
        with monkeypatch.context() as patched:
            for name in [name for name in os.environ if name.startswith("KEHU_")]:
                patched.delenv(name)
            patched.setenv("KEHU_CONTRACTS", str(CONTRACTS))
            for one in container(workload)["env"]:
                key = one.get("valueFrom", {}).get("secretKeyRef", {}).get("key", "")
                secret = secrets.get(key, "some-secret").format(service=labels["kehu-service"])
                patched.setenv(one["name"], one.get("value") or secret)
                known = one["name"] in sources or one["name"].endswith("_URL")
                assert known or one["name"].startswith("OTEL_"), one["name"]
            if labels["kehu-service"] == "gateway":
                read = config.read_or_exit(gateway_settings.read)
                assert set(read.service_urls) == set(SERVICES)
            else:
                config.settings()
                uses_amqp = labels["kehu-process"] in ("consume", "relay", "work")
                assert ("KEHU_AMQP_URL" in os.environ) == uses_amqp, "only these need the password"
                if uses_amqp:
                    config.broker(labels["kehu-service"])


def config_sources() -> list[Path]:
    root = CHART.parents[2]
    return [
        root / "libs/chassis/src/kehu_chassis/config.py",
        root / "gateway/src/kehu_gateway/settings.py",
        root / "services/auth/src/kehu_auth/environment.py",
    ]


@every_values_file
def test_the_gateway_resolves_every_address_of_a_service(resources: Load, values: str) -> None:
    everything = resources(values)
    services = {name_of(one): one["spec"] for one in of_kind(everything, "Service")}
    deployments = of_kind(everything, "Deployment")
    (gateway,) = [one for one in deployments if pod_labels(one)["kehu-service"] == "gateway"]
    urls = [one["value"] for one in container(gateway)["env"] if one["name"].endswith("_URL")]
    assert len(urls) == len(SERVICES)
    for url in urls:
        host, port = re.fullmatch(r"http://(.+):(\d+)", url).groups()  # type: ignore[union-attr]
        assert services[host]["clusterIP"] == "None" and services[host]["ports"][0]["port"] == int(
            port
        )
        chosen = [
            name_of(one)
            for one in deployments
            if selects({"matchLabels": services[host]["selector"]}, pod_labels(one))
        ]
        assert chosen == [host]


@every_values_file
def test_only_necessary_connections_are_allowed(resources: Load, values: str) -> None:
    everything = resources(values)
    pods = {name_of(one): pod_labels(one) for one in workloads(everything)}
    for source_name, source in pods.items():
        for target_name, target in pods.items():
            for port in (8000, 9000, 5432, 5672, 15692):
                assert allows(everything, source, target, port) == needs(source, target, port), (
                    f"{source_name} to {target_name}, port {port}"
                )
    outside: Labels = {"app": "stranger"}
    assert not any(allows(everything, outside, labels, 8000) for labels in pods.values())


def needs(source: Labels, target: Labels, port: int) -> bool:
    """Whether a pod has to connect to another one at this port."""
    process, peer, service = source["kehu-process"], target["kehu-process"], target["kehu-service"]
    return (
        (process == "gateway" and peer == "api" and port == 8000)
        or (process == "api" and peer == "api" and service == "auth" and port == 8000)
        or (process not in ("gateway", "server") and service == "postgresql" and port == 5432)
        or (process in ("consume", "relay", "work") and service == "rabbitmq" and port == 5672)
    )


@every_values_file
def test_outsiders_reach_the_gateway_and_the_metrics(resources: Load, values: str) -> None:
    everything = resources(values)
    for workload in workloads(everything):
        labels, open_to = pod_labels(workload), {}
        for policy in of_kind(everything, "NetworkPolicy"):
            if not selects(policy["spec"]["podSelector"], labels):
                continue
            for rule in policy["spec"].get("ingress", []):
                for peer in rule["from"]:
                    names = peer.get("namespaceSelector", {}).get("matchLabels", {})
                    for name in names.values():
                        open_to.setdefault(name, set()).update(one["port"] for one in rule["ports"])
        expected = {
            "gateway": {"ingress-nginx": {8000}, "monitoring": {9000}},
            "migrate": {},
            "server": {"monitoring": {15692}} if labels["kehu-service"] == "rabbitmq" else {},
        }
        process = labels["kehu-process"]
        assert open_to == expected.get(process, {"monitoring": {9000}}), name_of(workload)


@pytest.mark.parametrize("values", ["external", "ha"])
def test_only_processes_that_need_them_reach_external_servers(resources: Load, values: str) -> None:
    policies = {name_of(one): one["spec"] for one in of_kind(resources(values), "NetworkPolicy")}
    assert policies["crm-kehu-deny-by-default"].keys() == {"podSelector", "policyTypes"}
    assert policies["crm-kehu-deny-by-default"]["policyTypes"] == ["Ingress", "Egress"]
    base = {"app.kubernetes.io/name": "kehu", "app.kubernetes.io/instance": "crm"}
    for process in (*PROCESSES, "work", "migrate", "gateway"):
        labels = {**base, "kehu-process": process, "kehu-service": "customer"}
        to_database = selects(policies["crm-kehu-database"]["podSelector"], labels)
        to_broker = selects(policies["crm-kehu-broker"]["podSelector"], labels)
        assert to_database == (process != "gateway")
        assert to_broker == (process in ("consume", "relay", "work"))


@every_values_file
def test_migrations_run_before_the_pods(resources: Load, values: str) -> None:
    everything = resources(values)
    jobs = of_kind(everything, "Job")
    assert {pod_labels(job)["kehu-service"] for job in jobs} == set(SERVICES)
    hook = None if values == "trial" else "pre-install,pre-upgrade"
    accounts = {name_of(one): one for one in of_kind(everything, "ServiceAccount")}
    for job in jobs:
        annotations = job["metadata"].get("annotations", {})
        assert annotations.get("helm.sh/hook") == hook
        assert container(job)["args"] == ["migrate"]
        account = accounts[job["spec"]["template"]["spec"]["serviceAccountName"]]
        theirs = account["metadata"].get("annotations", {})
        assert theirs.get("helm.sh/hook") == hook
        if hook:
            assert int(theirs["helm.sh/hook-weight"]) < int(annotations["helm.sh/hook-weight"])


def test_scaling_and_disruption_budgets(resources: Load) -> None:
    everything = resources("ha")
    deployments = {name_of(one): one for one in of_kind(everything, "Deployment")}
    scalers = of_kind(everything, "HorizontalPodAutoscaler", "ScaledObject")
    scaled = {one["spec"]["scaleTargetRef"]["name"] for one in scalers}
    apis = {f"crm-kehu-{service}-api" for service in SERVICES}
    consumers = {f"crm-kehu-{service}-consume" for service in SERVICES}
    assert scaled == apis | consumers | {"crm-kehu-gateway"}
    for name, deployment in deployments.items():
        assert ("replicas" in deployment["spec"]) == (name not in scaled), "one source of replicas"
    queues = {queue["name"] for queue in json.loads(DEFINITIONS.read_text())["queues"]}
    watched = {
        trigger["metadata"]["queueName"]
        for one in of_kind(everything, "ScaledObject")
        for trigger in one["spec"]["triggers"]
    }
    dead = {name for name in queues if name.endswith(".dead")}
    assert watched == queues - dead - {"unrouted"}
    budgets = of_kind(everything, "PodDisruptionBudget")
    assert {name_of(one) for one in budgets} == set(deployments)
    for one in budgets:
        assert selects(one["spec"]["selector"], pod_labels(deployments[name_of(one)]))
    assert of_kind(resources("trial"), "PodDisruptionBudget") == []


def secret(everything: Resources, name: str) -> dict[str, str]:
    (found,) = [one for one in of_kind(everything, "Secret") if name_of(one) == name]
    content: dict[str, str] = found["stringData"]
    return content


def test_a_trial_gives_each_service_its_own_database(resources: Load, postgres_url: str) -> None:
    everything = resources("trial")
    sql = secret(everything, "crm-kehu-postgresql-files")["databases.sql"]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for statement in filter(str.strip, sql.split(";")):
            connection.execute(statement.encode())
    server = postgres_url.rsplit("@", 1)[1].rsplit("/", 1)[0]
    try:
        for service in SERVICES:
            url = secret(everything, f"crm-kehu-{service}")["database-url"]
            url = url.replace("crm-kehu-postgresql:5432", server)
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE mine (id integer)")
            other = "auth" if service != "auth" else "customer"
            with pytest.raises(psycopg.OperationalError, match="permission denied"):
                psycopg.connect(url.rsplit("/", 1)[0] + f"/{other}")
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("GRANT ALL ON DATABASE postgres, template1 TO PUBLIC")
            for role in (service.replace("-", "_").encode() for service in SERVICES):
                connection.execute(b"DROP DATABASE " + role + b" WITH (FORCE)")
                connection.execute(b"DROP ROLE " + role)


def test_a_trial_has_separate_secrets(helm: Helm, resources: Load) -> None:
    everything = resources("trial")
    passwords = [
        value
        for one in of_kind(everything, "Secret")
        for value in one["stringData"].values()
        if re.fullmatch("[0-9a-f]{32}", value)
    ]
    internal = secret(everything, "crm-kehu-gateway")["internal-key"]
    assert secret(everything, "crm-kehu-auth")["internal-key"] == internal
    assert len(passwords) == len(set(passwords)) + 1, "only the internal key is shared"
    again = [one for one in yaml.safe_load_all(helm("trial").stdout) if one]
    assert secret(again, "crm-kehu-gateway")["internal-key"] != internal, "no secret is built in"


def test_no_secret_is_rendered_outside_a_trial(resources: Load) -> None:
    for values in ("external", "ha"):
        assert of_kind(resources(values), "Secret") == []
