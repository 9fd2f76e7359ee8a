"""More of one service: requests and events are shared, and exactly one relay and one jobs leads."""

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
    """The customer service with several of each."""
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


def test_replicas_that_go_and_come_are_followed_without_a_failed_request(
    scaled: Installation,
) -> None:
    """One is stopped, one is killed, both come back; every request is answered."""
    stopped, killed, _kept = scaled.containers()["customer-api"]
    answers: Counter[int] = Counter()

    def asked_until(addresses: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while scaled.ready_addresses("customer") != addresses:
            answers[scaled.admin.request("GET", PATH).status] += 1
            assert time.monotonic() < deadline, f"not {addresses} within {seconds} s"

    docker("kill", "--signal", "TERM", stopped)
    asked_until(2, 10)
    docker("kill", killed)
    asked_until(1, 20)
    docker("wait", stopped)
    docker("start", stopped, killed)
    asked_until(3, 60)
    for _ in range(30):
        answers[scaled.admin.request("GET", PATH).status] += 1
    assert set(answers) == {200}, answers


@pytest.mark.parametrize("role", ["relay", "jobs"])
def test_another_one_leads_within_ten_seconds(scaled: Installation, role: str) -> None:
    """The second one is started anew, so that the first one leads; then that is killed."""
    first, second = scaled.containers()[f"customer-{role}"]
    docker("stop", second)
    eventually(lambda: _lease(scaled, role).held, within=20, what="the first one leads")
    docker("start", second)
    led = _lease(scaled, role)
    for _ in range(3):
        # The leader renews its lease and nobody takes it away.
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
    """The row that says who leads."""

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
    """How many requests a replica has counted."""
    code = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9000/metrics').read().decode())"
    shown = docker("exec", name, "python", "-c", code)
    pattern = r"^http_requests_total\{[^}]*dead-letters[^}]*\} ([0-9.]+)$"
    return sum(int(float(number)) for number in re.findall(pattern, shown, re.MULTILINE))
