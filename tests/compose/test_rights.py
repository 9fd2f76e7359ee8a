"""The rights of containers, database roles and broker logins, tried from inside."""

from __future__ import annotations

import json

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker, ProbableAuthenticationError

from kehu_cli.catalogue import DEFINITIONS, SERVICES
from kehu_cli.operations.containers import PROCESSES
from kehu_cli.stack.databases import database_name
from tests.support.compose import Installation, docker
from tests.support.stack import publish

OURS = [*(f"{service}-{process}" for service in SERVICES for process in PROCESSES), "gateway"]
SERVERS = ["postgres", "rabbitmq"]
USING_AMQP = ("consume", "relay")


@pytest.mark.parametrize("service", SERVICES)
def test_a_role_can_connect_to_its_own_database_only(
    containers: Installation, service: str
) -> None:
    role = database_name(service)
    password = containers.values[f"{service.upper().replace('-', '_')}_DATABASE_PASSWORD"]
    others = [database_name(other) for other in SERVICES if other != service]
    for database in (role, *others, "postgres", "template1"):
        url = f"postgresql://{role}:{password}@127.0.0.1/{database}"
        output = containers.inside(
            "postgres", "psql", url, "-tAc", "SELECT current_database()", check=False
        )
        if database == role:
            assert output == role
        else:
            assert "permission denied for database" in output


def test_a_role_has_no_rights_beyond_its_own_database(containers: Installation) -> None:
    roles = containers.sql(
        "postgres",
        "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
        " WHERE rolcanlogin AND rolname <> 'postgres' ORDER BY rolname",
    )
    assert roles.split() == [f"{database_name(name)}|f|f|f|f" for name in sorted(SERVICES)]


def test_the_broker_has_the_logins_of_the_definitions(containers: Installation) -> None:
    """In particular no login `guest`."""
    listed = containers.inside(
        "rabbitmq", "rabbitmqctl", "-q", "list_permissions", "--formatter", "json"
    )
    rights = _rights(json.loads(listed))
    wanted = _rights(json.loads(DEFINITIONS.read_text())["permissions"])
    assert rights == wanted | {"kehu": (".*", ".*", ".*")}


def test_the_sales_system_may_publish_its_events_and_nothing_else(containers: Installation) -> None:
    """At the published port, with the password from the file."""
    url = containers.amqp_url("sales")
    publish(url, "sales.events", ("sales.made-up.v1", b"{}"))
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        publish(url, "crm.events", ("sales.made-up.v1", b"{}"))
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        publish(url, "sales.events", ("customer.made-up.v1", b"{}"))
    wrong = url.replace(containers.values["SALES_AMQP_PASSWORD"], "guest")
    with pytest.raises(ProbableAuthenticationError):
        pika.BlockingConnection(pika.URLParameters(wrong))


@pytest.mark.parametrize("service", [*OURS, *SERVERS])
def test_a_container_has_few_rights_and_limits(containers: Installation, service: str) -> None:
    found = containers.inspect(containers.container(service))
    host, image = found["HostConfig"], found["Config"]
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"] and not host["CapAdd"] and not host["Privileged"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Memory"] > 0 and host["NanoCpus"] > 0
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "3"}
    assert image["StopTimeout"] >= 30
    assert image["Healthcheck"]["Test"]
    status = containers.inside(service, "cat", "/proc/self/status")
    lines = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
    assert "0" not in lines["Uid"].split(), "runs as root"
    assert int(lines["CapEff"], 16) == int(lines["CapBnd"], 16) == 0
    assert lines["NoNewPrivs"] == "1"
    assert "Read-only" in containers.inside(service, "touch", "/usr/x", check=False)


def test_only_processes_that_use_amqp_have_a_password_of_the_broker(
    containers: Installation,
) -> None:
    found = {
        service
        for service, names in containers.containers().items()
        if any(
            variable.startswith("KEHU_AMQP_URL=")
            for variable in containers.inspect(names[0])["Config"]["Env"]
        )
    }
    assert found == {f"{service}-{process}" for service in SERVICES for process in USING_AMQP}


@pytest.mark.parametrize("image", [*SERVICES, "gateway"])
def test_an_image_has_descriptive_labels(containers: Installation, image: str) -> None:
    labels = json.loads(docker("inspect", f"kehu/{image}:dev"))[0]["Config"]["Labels"]
    names = {name.rpartition(".")[2] for name in labels if name.startswith("org.opencontainers.")}
    assert names >= {"title", "description", "licenses", "version", "revision"}
    assert image in labels["org.opencontainers.image.title"]


@pytest.mark.parametrize("service", ["customer-api", "gateway"])
def test_an_image_contains_no_installers_or_build_tools(
    containers: Installation, service: str
) -> None:
    for tool in ("pip", "gcc", "make", "git"):
        assert not containers.inside(service, "sh", "-c", f"command -v {tool}", check=False)
    for module in ("pip", "setuptools", "ensurepip", "pytest"):
        output = containers.inside(service, "python", "-c", f"import {module}", check=False)
        assert f"No module named '{module}'" in output


def test_only_the_gateway_and_amqp_are_published_and_only_locally(
    containers: Installation,
) -> None:
    published = {
        (service, inside, outside["HostIp"], outside["HostPort"])
        for service, names in containers.containers().items()
        for name in names
        for inside, bound in containers.inspect(name)["NetworkSettings"]["Ports"].items()
        for outside in bound or []
    }
    assert published == {
        ("gateway", "8000/tcp", "127.0.0.1", containers.values["GATEWAY_PORT"]),
        ("rabbitmq", "5672/tcp", "127.0.0.1", containers.values["AMQP_PORT"]),
    }


@pytest.mark.parametrize(
    ("service", "target", "reached"),
    [
        ("gateway", "customer-api:8000", True),
        ("gateway", "postgres:5432", False),
        ("gateway", "customer-consume:9000", False),
        ("customer-api", "postgres:5432", True),
        ("customer-consume", "rabbitmq:5672", True),
        ("customer-consume", "gateway:8000", False),
    ],
)
def test_a_container_reaches_only_what_it_needs(
    containers: Installation, service: str, target: str, reached: bool
) -> None:
    host, port = target.split(":")
    code = f"import socket; socket.create_connection(({host!r}, {port}), 3); print('reached')"
    assert (containers.inside(service, "python", "-c", code, check=False) == "reached") is reached


def _rights(listed: list[dict[str, str]]) -> dict[str, tuple[str, str, str]]:
    return {one["user"]: (one["configure"], one["write"], one["read"]) for one in listed}
