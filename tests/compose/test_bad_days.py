"""Servers that come late, and what cannot work: waiting with words, or an end with a reason."""

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
from tests.faults.ledger import with_care
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
    cold: Installation, image: str, process: str, variable: str, value: str | None
) -> None:
    variables = {**GOOD, variable: value}
    given = [
        word
        for name, text in variables.items()
        if text is not None
        for word in ("--env", f"{name}={text}")
    ]
    line = ["docker", "run", "--rm", "--read-only", *given, f"kehu/{image}:dev", process]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 78, done
    (said,) = (done.stdout + done.stderr).splitlines()
    assert said.startswith("kehu: configuration: ") and variable in said
    assert "secret" not in said


def test_each_secret_that_is_missing_is_named(cold: Installation, tmp_path: Path) -> None:
    """Nothing has a default that would be known to everybody."""
    secrets = {name for name in cold.values if name.endswith(("_PASSWORD", "_KEY"))}
    # The administrator's is made up if absent; these two stand in the broker's definitions only.
    secrets -= {"KEHU_ADMIN_PASSWORD", "RABBITMQ_PASSWORD", "SALES_AMQP_PASSWORD"}
    assert len(secrets) == 2 + 2 * len(SERVICES)
    for name in secrets:
        lacking = tmp_path / name
        pairs = (f"{key}={value}\n" for key, value in cold.values.items() if key != name)
        lacking.write_text("".join(pairs))
        done = subprocess.run(
            [*command(), "--env-file", str(lacking), "config"],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode != 0, name
        assert done.stderr.rstrip().endswith(f"{name} is not in .env - run ./kehu env first")


def test_late_servers_are_waited_for(containers: Installation) -> None:
    """They were away when the processes started; each process says so and goes on by itself."""
    containers.compose("stop", "postgres", "rabbitmq")
    processes = [containers.container(f"marketing-{name}") for name in ("consume", "relay", "jobs")]
    api = containers.container("marketing-api")
    docker("restart", "--time", "5", *processes, api)
    for name in processes:
        eventually(lambda name=name: _says(name, "waiting for the database: ") >= 2, within=60)
    eventually(lambda: _says(api, "not ready: the database cannot be reached"), within=60)
    containers.compose("start", "postgres")
    for name in processes:
        eventually(lambda name=name: _says(name, "started "), within=60)
    eventually(lambda: _says(processes[0], "consumer waits for the broker: ") >= 2, within=60)
    eventually(lambda: _says(processes[1], "relay reconnects: cannot connect: ") >= 2, within=60)
    containers.compose("start", "rabbitmq")
    containers.wait_ready()
    eventually(lambda: _consumers(containers, "marketing.events") == 1, within=90)
    for name in [*processes, api]:
        assert containers.inspect(name)["RestartCount"] == 0


def test_an_unmigrated_schema_is_told(containers: Installation) -> None:
    """The process ends with the reason, each time it is restarted; the API says why it waits."""
    name, api = containers.container("marketing-jobs"), containers.container("marketing-api")
    before = _says(name, "started jobs")
    containers.sql("kehu_marketing", "ALTER TABLE alembic_version RENAME TO hidden")
    try:
        docker("restart", name)
        reason = "cannot start: the database is not migrated: run `migrate`"
        eventually(lambda: _says(name, reason) >= 2, within=60, what="two tries")
        eventually(lambda: _says(api, "not ready: the database is not migrated"), within=60)
    finally:
        containers.sql("kehu_marketing", "ALTER TABLE hidden RENAME TO alembic_version")
    eventually(lambda: _says(name, "started jobs") > before, within=90, what="it recovers")


@pytest.mark.fault("F20")
def test_a_queue_with_other_arguments_is_told(containers: Installation) -> None:
    """Somebody made the queue by hand; what was said meanwhile is kept, and sent again."""
    name = containers.container("reporting-consume")
    with watching(containers) as alerts, with_care(containers) as ledger:
        since = containers.sql("postgres", "SELECT now()")
        with _replaced_queue(containers, "reporting.events"):
            docker("restart", name)
            reason = "consume ended: queue reporting.events exists with other arguments: "
            eventually(lambda: _says(name, reason) >= 2, within=60, what="two tries")
            ledger.traffic.win(1)
            alerts.fires("KehuProcessMissing")
        eventually(lambda: _consumers(containers, "reporting.events") == 1, within=90)
        for service in ("marketing", "customer"):
            containers.send_again(service, since)
        containers.inside("rabbitmq", "rabbitmqctl", "purge_queue", "unrouted")
        alerts.clears("KehuProcessMissing")


def test_a_wrong_password_is_told(containers: Installation) -> None:
    """A container with another password than the database has."""
    environment = [
        variable
        for variable in containers.inspect(containers.container("auth-jobs"))["Config"]["Env"]
        if variable.startswith("KEHU_")
    ]
    wrong = containers.values["AUTH_DATABASE_PASSWORD"]
    given = [word for one in environment for word in ("--env", one.replace(wrong, "mistaken"))]
    network = f"{containers.project}_data"
    name = docker("run", "--detach", "--network", network, *given, "kehu/auth:dev", "jobs")
    try:
        eventually(lambda: _says(name, "waiting for the database: "), within=30)
        assert "password authentication failed" in _last(name)
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
    """What a container has logged since it was started last or restarted."""
    found = []
    for line in docker("logs", name).splitlines():
        if line.startswith("{"):
            found.append(str(json.loads(line)["event"]))
    return found


def _says(name: str, words: str) -> int:
    return sum(event.startswith(words) for event in _events(name))


def _last(name: str) -> str:
    return _events(name)[-1]


def _consumers(containers: Installation, queue: str) -> int:
    found = containers.queues().get(queue)
    return found.consumers if found else -1
