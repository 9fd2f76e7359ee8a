"""The main job on the system in containers; its data outlives the containers."""

from __future__ import annotations

from subprocess import CompletedProcess

from tests.support.compose import Installation, docker
from tests.support.stack import Session, eventually

COUNTED = ("/api/v1/customer/customers", "/api/v1/marketing/opportunities")


def test_the_demonstration_agrees_in_every_figure(demonstration: CompletedProcess[str]) -> None:
    assert demonstration.returncode == 0, demonstration.stdout + demonstration.stderr
    assert "Every figure agrees with the input." in demonstration.stdout


def test_everything_is_healthy(containers: Installation) -> None:
    """Docker reports each container as healthy, by the health check of the image."""
    for service, (name, *_more) in containers.containers().items():
        if service == "databases" or service.endswith("-migrate"):
            state = containers.inspect(name)["State"]
            assert (state["Status"], state["ExitCode"]) == ("exited", 0), service
        else:
            eventually(lambda name=name: _healthy(containers, name), within=90, what=service)


def test_the_gateway_serves_the_web_console(containers: Installation) -> None:
    response = containers.stack.nobody.request("GET", "/")
    assert response.status == 200
    assert b'<div id="root"' in response.data and b"/assets/" in response.data


def test_one_process_can_replace_three(containers: Installation) -> None:
    """`work` is consume, relay and jobs, for small installations."""
    configured = containers.inspect(containers.container("customer-relay"))["Config"]["Env"]
    options = [word for one in configured if one.startswith("KEHU_") for word in ("--env", one)]
    confined = ("--read-only", "--tmpfs", "/tmp", "--network", f"{containers.project}_data")
    name = docker("run", "--detach", *confined, *options, "kehu/customer:dev", "work")
    try:
        eventually(lambda: "started consume, relay, jobs" in containers.log(name), what="it runs")
    finally:
        docker("rm", "--force", name)


def test_down_and_up_again_loses_nothing(containers: Installation) -> None:
    """Neither in the databases nor in the broker."""
    reader = containers.stack.person("executive")
    before = [_total(reader, path) for path in COUNTED]
    assert all(before)
    containers.compose("stop", "customer-consume")
    containers.stack.publish_as_sales(("sales.made-up.v1", b"{}"))
    eventually(lambda: containers.queues()["customer.sales"].messages == 1)
    containers.down()
    assert containers.containers() == {}
    containers.up()
    assert [_total(reader, path) for path in COUNTED] == before
    dead = "/api/v1/customer/dead-letters"
    eventually(lambda: _total(containers.admin, dead) == 1, what="the waiting event was handled")


def _total(reader: Session, path: str) -> int:
    total: int = reader.get(f"{path}?limit=1")["total"]
    return total


def _healthy(containers: Installation, name: str) -> bool:
    status: str = containers.inspect(name)["State"]["Health"]["Status"]
    return status == "healthy"
