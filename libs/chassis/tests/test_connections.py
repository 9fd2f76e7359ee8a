"""Connections to PostgreSQL: hosts that vanish are noticed."""

from __future__ import annotations

import socket

from kehu_chassis.testing import Harness


def test_a_host_that_vanishes_is_noticed(harness: Harness) -> None:
    """The kernel asks after 10 s of silence, and gives up on what was sent after 15 s."""
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
