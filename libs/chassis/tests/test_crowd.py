"""Which connection makes room for the next, and by what clients are counted."""

from __future__ import annotations

import ipaddress
from typing import Any
from unittest.mock import Mock

import pytest

from kehu_chassis.identity.addresses import host_of
from kehu_chassis.runtime.server.connection import Connection
from kehu_chassis.runtime.server.crowd import Crowd
from kehu_chassis.runtime.server.limits import Limits
from kehu_chassis.runtime.server.phases import Phase


def _add(crowd: Crowd, phase: Phase, since: float, address: str | None = "a") -> Connection:
    connection = Connection(Mock(), ("127.0.0.1", 1), ("127.0.0.1", 2), address)
    crowd.enter(connection, phase, since)
    return connection


@pytest.mark.parametrize(
    "limits", [{"total": 4, "per_address": None}, {"total": 9, "per_address": 4}]
)
def test_who_has_waited_longest_makes_room(limits: dict[str, Any]) -> None:
    crowd = Crowd(**limits)
    sending = _add(crowd, Phase.SENDING, 1)
    _add(crowd, Phase.RESPONDING, 2)
    idle = _add(crowd, Phase.IDLE, 3)
    new = _add(crowd, Phase.NEW, 4)
    for expected in (idle, new, sending):
        assert crowd.crowding("a") is expected
        crowd.enter(expected, Phase.RESPONDING)
    assert crowd.crowding("a") is True
    crowd.leave(idle)
    assert crowd.crowding("a") is False


def test_an_address_makes_room_for_itself() -> None:
    crowd = Crowd(10, 2)
    others = [_add(crowd, Phase.NEW, 1, "b") for _ in range(2)]
    own = [_add(crowd, Phase.NEW, since, "a") for since in (2, 3)]
    assert crowd.crowding("a") is own[0]
    assert crowd.crowding("b") in others
    assert crowd.crowding("c") is False
    assert crowd.crowding(None) is False


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_clients_are_counted_by_address_or_network(host: str, address: str) -> None:
    assert host_of(host) == address


def test_trusted_networks_are_those_of_the_real_address() -> None:
    limits = Limits(1, trusted=[ipaddress.ip_network("192.0.2.0/24")])
    assert limits.is_trusted("192.0.2.7")
    assert limits.is_trusted("::ffff:192.0.2.7")
    assert not limits.is_trusted("192.0.3.7")
    assert not limits.is_trusted("2001:db8::1")
