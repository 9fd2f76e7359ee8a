"""Every process of every service is replaced in turn without a failed request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kehu_cli.catalogue import SERVICES
from kehu_cli.operations.containers import PROCESSES
from tests.faults.ledger import under_load
from tests.support.compose import Installation, docker
from tests.support.stack import eventually

PREFETCH = 200
APIS = [f"{service}-api" for service in SERVICES]


@pytest.fixture
def doubled(containers: Installation) -> Iterator[Installation]:
    """Two of each API: one responds while the other is replaced."""
    containers.scale(**dict.fromkeys(APIS, 2))
    eventually(lambda: _ready(containers) == {2}, within=120, what="two of each")
    yield containers
    containers.scale(**dict.fromkeys(APIS, 1))


@pytest.mark.fault("F08")
@pytest.mark.long
@pytest.mark.timeout(600)
def test_no_request_fails_while_every_process_is_replaced(doubled: Installation) -> None:
    """Nor does any consumer leave more messages unfinished than its prefetch."""
    before = _redelivered(doubled)
    with under_load(doubled) as ledger:
        for replica in (0, 1):
            _restart([doubled.containers()[api][replica] for api in APIS])
            eventually(lambda: _ready(doubled) == {2}, within=120, what="two of each again")
        others = [f"{service}-{process}" for service in SERVICES for process in PROCESSES[1:]]
        _restart([doubled.container(name) for name in others])
    assert not ledger.traffic.failed_attempts
    assert _redelivered(doubled) - before <= PREFETCH


def _redelivered(containers: Installation) -> int:
    """The number of messages that the broker has redelivered since its start."""
    shown = containers.broker_metrics("/metrics")
    pattern = r"^rabbitmq_global_messages_redelivered_total\{.*\} ([0-9.e+]+)$"
    found = re.findall(pattern, shown, re.MULTILINE)
    assert found, shown
    return int(sum(float(number) for number in found))


def _restart(names: list[str]) -> None:
    """Stop in order, as every update does, and start again; one of each service at a time."""
    with ThreadPoolExecutor(max_workers=len(names)) as pool:
        list(pool.map(lambda name: docker("restart", "--time", "30", name), names))


def _ready(containers: Installation) -> set[int]:
    return {containers.ready_addresses(service) for service in SERVICES}
