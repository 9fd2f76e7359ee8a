"""Late servers and faulty setups: processes log why they wait, or end with a reason."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pika
import pytest

from kehu_cli.catalogue import ROOT, SERVICES
from tests.faults.alerts import watching
from tests.faults.ledger import checked
from tests.support.compose import Installation, command, docker
from tests.support.stack import eventually

GOOD = {
    "KEHU_DATABASE_URL": "postgresql://kehu:secret@postgres/kehu",
    "KEHU_AMQP_URL": "amqp://kehu:secret@rabbitmq/%2F",
    "KEHU_INTERNAL_KEY": "a-long-enough-key",
} | {
    f"KEHU_{service.upper().replace('-', '_')}_URL": f"http://{service}-api:8000"
    for service in SERVICES
}


@pytest.mark.parametrize(
    ("image", "process", "variable", "value"),
    [
        ("auth", "api", "KEHU_INTERNAL_KEY", None),
        ("auth", "api", "KEHU_INTERNAL_KEY", "short"),
        ("customer", "api", "KEHU_DATABASE_URL", None),
        ("customer", "api", "KEHU_DRAIN_SECONDS", "soon"),
        ("customer", "consume", "KEHU_AMQP_URL", "http://rabbitmq"),
        ("reporting", "relay", "KEHU_AMQP_URL", None),
        ("marketing", "jobs", "KEHU_TIMEZONE", "Mars/Olympus"),
        ("service-desk", "work", "KEHU_AUTH_URL", "auth"),
        ("customer", "migrate", "KEHU_DATABASE_URL", "mysql://kehu:secret@postgres/kehu"),
        ("gateway", "api", "KEHU_CUSTOMER_URL", None),
        ("gateway", "api", "KEHU_INTERNAL_KEY", ""),
        ("gateway", "api", "KEHU_TRUSTED_PROXIES", "everybody"),
    ],
)
def test_bad_configuration_ends_a_container_with_one_line(
    built: Installation, image: str, process: str, variable: str, value: str | None
) -> None:
    variables = {**GOOD, variable: value}
    options = [
        option
        for name, text in variables.items()
        if text is not None
        for option in ("--env", f"{name}={text}")
    ]
    line = ["docker", "run", "--rm", "--read-only", *options, f"kehu/{image}:dev", process]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 78, done
    (printed,) = (done.stdout + done.stderr).splitlines()
    assert printed.startswith("kehu: configuration: ") and variable in printed
    assert "secret" not in printed


def test_each_missing_secret_is_named(built: Installation, tmp_path: Path) -> None:
    """No secret has a default, which would be public."""
    secrets = {name for name in built.values if name.endswith(("_PASSWORD", "_KEY"))}
    # The administrator's is generated if absent; only the broker's definitions use the other two.
    secrets -= {"KEHU_ADMIN_PASSWORD", "RABBITMQ_PASSWORD", "SALES_AMQP_PASSWORD"}
    assert len(secrets) == 2 + 2 * len(SERVICES)
    for name in secrets:
        lacking = tmp_path / name
        pairs = (f"{key}={value}\n" for key, value in built.values.items() if key != name)
        lacking.write_text("".join(pairs))
        done = subprocess.run(
            [*command(), "--env-file", str(lacking), "config"],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode != 0, name
        assert done.stderr.rstrip().endswith(f"{name} is not in .env - run ./kehu env first")


def test_late_servers_are_waited_for(containers: Installation) -> None:
    """Each process logs that the servers are down at its start, and continues once they are up."""
    containers.compose("stop", "postgres", "rabbitmq")
    processes = [containers.container(f"marketing-{name}") for name in ("consume", "relay", "jobs")]
    api = containers.container("marketing-api")
    docker("restart", "--time", "5", *processes, api)
    for name in processes:
        eventually(lambda name=name: _logged(name, "waiting for the database: ") >= 2, within=60)
    eventually(lambda: _logged(api, "not ready: the database cannot be reached"), within=60)
    containers.compose("start", "postgres")
    for name in processes:
        eventually(lambda name=name: _logged(name, "started "), within=60)
    eventually(lambda: _logged(processes[0], "consumer waits for the broker: ") >= 2, within=60)
    eventually(lambda: _logged(processes[1], "relay reconnects: cannot connect: ") >= 2, within=60)
    containers.compose("start", "rabbitmq")
    containers.wait_ready()
    eventually(lambda: _consumers(containers, "marketing.events") == 1, within=90)
    for name in [*processes, api]:
        assert containers.inspect(name)["RestartCount"] == 0


def test_an_unmigrated_schema_is_reported(containers: Installation) -> None:
    """The process ends with the reason after each restart; the API logs why it waits."""
    name, api = containers.container("marketing-jobs"), containers.container("marketing-api")
    before = _logged(name, "started jobs")
    containers.sql("kehu_marketing", "ALTER TABLE alembic_version RENAME TO hidden")
    try:
        docker("restart", name)
        reason = "cannot start: the database is not migrated: run `migrate`"
        eventually(lambda: _logged(name, reason) >= 2, within=60, what="two tries")
        eventually(lambda: _logged(api, "not ready: the database is not migrated"), within=60)
    finally:
        containers.sql("kehu_marketing", "ALTER TABLE hidden RENAME TO alembic_version")
    eventually(lambda: _logged(name, "started jobs") > before, within=90, what="it recovers")


@pytest.mark.fault("F20")
def test_a_queue_with_other_arguments_is_reported(containers: Installation) -> None:
    """The queue was declared by hand, of another type; events published meanwhile are kept, and
    sent again once the broker has imported its definitions."""
    name = containers.container("reporting-consume")
    with watching(containers) as alerts, checked(containers) as ledger:
        since = containers.sql("postgres", "SELECT now()")
        with _replaced_queue(containers, "reporting.events"):
            docker("restart", name)
            reason = "consumer waits: queue reporting.events exists with other arguments "
            eventually(lambda: _logged(name, reason) >= 2, within=60, what="two tries")
            ledger.traffic.win(1)
            alerts.fires("KehuQueueUnusable")
        reason = "consumer waits: queue reporting.events does not exist: "
        eventually(lambda: _logged(name, reason) >= 1, within=60, what="the queue is missing")
        definitions = "/etc/rabbitmq/kehu-definitions.json"
        containers.inside("rabbitmq", "rabbitmqctl", "import_definitions", definitions)
        eventually(lambda: _consumers(containers, "reporting.events") == 1, within=90)
        for service in ("marketing", "customer"):
            containers.send_again(service, since)
        containers.inside("rabbitmq", "rabbitmqctl", "purge_queue", "unrouted")
        alerts.clears("KehuQueueUnusable")


def test_a_wrong_password_is_reported(containers: Installation) -> None:
    """A container has another password than the database."""
    environment = [
        variable
        for variable in containers.inspect(containers.container("auth-jobs"))["Config"]["Env"]
        if variable.startswith("KEHU_")
    ]
    right = containers.values["AUTH_DATABASE_PASSWORD"]
    options = [word for one in environment for word in ("--env", one.replace(right, "mistaken"))]
    network = f"{containers.project}_data"
    name = docker("run", "--detach", "--network", network, *options, "kehu/auth:dev", "jobs")
    try:
        eventually(lambda: _logged(name, "waiting for the database: "), within=30)
        assert "password authentication failed" in _last_event(name)
        assert "mistaken" not in docker("logs", name)
    finally:
        docker("rm", "--force", name)


@contextmanager
def _replaced_queue(containers: Installation, queue: str) -> Iterator[None]:
    docker("stop", containers.container("reporting-consume"))
    connection = pika.BlockingConnection(pika.URLParameters(containers.amqp_url("kehu")))
    channel = connection.channel()
    channel.queue_delete(queue)
    channel.queue_declare(queue, durable=True)
    try:
        yield
    finally:
        channel.queue_delete(queue)
        connection.close()


def _events(name: str) -> list[str]:
    """The events in the log of a container."""
    found = []
    for line in docker("logs", name).splitlines():
        if line.startswith("{"):
            found.append(str(json.loads(line)["event"]))
    return found


def _logged(name: str, start: str) -> int:
    return sum(event.startswith(start) for event in _events(name))


def _last_event(name: str) -> str:
    return _events(name)[-1]


def _consumers(containers: Installation, queue: str) -> int:
    found = containers.queues().get(queue)
    return found.consumers if found else -1
