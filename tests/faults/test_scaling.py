"""A scaled service shares requests and events, and has exactly one leading relay and jobs."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.support.compose import Installation, docker
from tests.support.stack import eventually

SCALED = {"customer_api": 3, "customer_consume": 3, "customer_relay": 2, "customer_jobs": 2}
PATH = "/api/v1/customer/dead-letters"


@pytest.fixture(scope="module")
def scaled(containers: Installation) -> Iterator[Installation]:
    """The customer service with several processes of each kind."""
    containers.scale(**SCALED)
    eventually(lambda: containers.ready_addresses("customer") == 3, within=60, what="3 replicas")
    yield containers
    containers.scale(**dict.fromkeys(SCALED, 1))


def test_requests_are_spread_over_the_replicas(scaled: Installation) -> None:
    names = scaled.containers()["customer-api"]
    before = {name: _requests(scaled, name) for name in names}
    for _ in range(60):
        scaled.admin.get(PATH)
    seen = {name: _requests(scaled, name) - before[name] for name in names}
    assert sum(seen.values()) == 60 and min(seen.values()) >= 10, seen


def test_consumers_share_the_queues(scaled: Installation) -> None:
    def consumers() -> set[int]:
        queues = scaled.queues()
        return {queues[f"customer.{name}"].consumers for name in ("events", "sales", "dead")}

    eventually(lambda: consumers() == {3}, within=60, what="3 consumers on each queue")


def test_stopped_killed_and_new_replicas_cause_no_failed_request(
    scaled: Installation,
) -> None:
    """One is stopped, one is killed, both are started again; every request succeeds."""
    stopped, killed, _kept = scaled.containers()["customer-api"]
    statuses: Counter[int] = Counter()

    def request_until(addresses: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while scaled.ready_addresses("customer") != addresses:
            statuses[scaled.admin.request("GET", PATH).status] += 1
            assert time.monotonic() < deadline, f"not {addresses} within {seconds} s"

    docker("kill", "--signal", "TERM", stopped)
    request_until(2, 10)
    docker("kill", killed)
    request_until(1, 20)
    docker("wait", stopped)
    docker("start", stopped, killed)
    request_until(3, 60)
    for _ in range(30):
        statuses[scaled.admin.request("GET", PATH).status] += 1
    assert set(statuses) == {200}, statuses


@pytest.mark.parametrize("role", ["relay", "jobs"])
def test_a_new_leader_takes_over_within_ten_seconds(scaled: Installation, role: str) -> None:
    """The second one is restarted, so that the first one leads; then the first is killed."""
    first, second = scaled.containers()[f"customer-{role}"]
    docker("stop", second)
    eventually(lambda: _lease(scaled, role).held, within=20, what="the first one leads")
    docker("start", second)
    led = _lease(scaled, role)
    for _ in range(3):
        # The leader renews its lease and keeps it.
        renewed = _lease(scaled, role).expires
        eventually(lambda renewed=renewed: _lease(scaled, role).expires != renewed)
        assert _lease(scaled, role).holder == led.holder
    if role == "relay":
        connections = scaled.inside(
            "rabbitmq", "rabbitmqctl", "-q", "list_connections", "client_properties"
        )
        assert connections.count("kehu customer relay") == 1
    docker("kill", first)
    died = time.monotonic()
    eventually(lambda: _lease(scaled, role).holder != led.holder, within=30, what="a new leader")
    taken = time.monotonic() - died
    docker("start", first)
    assert taken < 10
    assert _lease(scaled, role).epoch == led.epoch + 1


class Lease(NamedTuple):
    """The row that names the leader."""

    holder: str
    epoch: int
    expires: str
    held: bool


def _lease(scaled: Installation, role: str) -> Lease:
    row = scaled.sql(
        "kehu_customer",
        "SELECT holder, epoch, expires_at, expires_at > clock_timestamp() FROM lease"
        f" WHERE name = '{role}'",
    )
    holder, epoch, expires, held = row.split("|")
    return Lease(holder, int(epoch), expires, held == "t")


def _requests(scaled: Installation, name: str) -> int:
    """The number of requests that a replica has counted."""
    code = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9000/metrics').read().decode())"
    shown = docker("exec", name, "python", "-c", code)
    pattern = r"^http_requests_total\{[^}]*dead-letters[^}]*\} ([0-9.]+)$"
    return sum(int(float(number)) for number in re.findall(pattern, shown, re.MULTILINE))
