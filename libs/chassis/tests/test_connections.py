"""Connections to PostgreSQL: vanished hosts are detected, and an exhausted pool fails no event."""

from __future__ import annotations

import socket

import pytest

from kehu_chassis.data.database import is_unreachable
from kehu_chassis.messaging.inbox import Inbox
from kehu_chassis.testing import Harness


def test_a_vanished_host_is_detected(harness: Harness) -> None:
    """The kernel probes after 10 s of silence, and gives up on unacknowledged data after 15 s."""
    with harness.database.engine.connect() as connection:
        file = connection.connection.driver_connection.fileno()  # type: ignore[union-attr]
        with socket.fromfd(file, socket.AF_INET, socket.SOCK_STREAM) as line:

            def option(name: str) -> int:
                return line.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))

            assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert option("TCP_KEEPIDLE") == 10
            assert option("TCP_KEEPINTVL") == 5
            assert option("TCP_KEEPCNT") == 3
            assert option("TCP_USER_TIMEOUT") == 15_000


def test_an_exhausted_pool_fails_no_event(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = harness.another_database(pool=1)
    monkeypatch.setattr(small.engine.pool, "_timeout", 0.05)
    inbox = Inbox(small, harness.contracts, harness.service.subscriptions())
    body = harness.envelope("other.thing-counted.v1", {})
    with small.engine.connect(), small.engine.connect(), pytest.raises(Exception) as caught:
        inbox.handle([body, b"{"])
    assert is_unreachable(caught.value)
    assert harness.failed() == []
    inbox.handle([body])
    small.dispose()
