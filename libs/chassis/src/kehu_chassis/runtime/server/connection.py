"""The state of one connection.  Only the poller changes it, except through the outlet."""

from __future__ import annotations

import socket
from typing import Any

from kehu_chassis.runtime.server.incoming import Incoming
from kehu_chassis.runtime.server.outlet import Outlet
from kehu_chassis.runtime.server.phases import Phase


class Connection:
    """A client's connection, its request in hand and what is left of its response.

    ``address`` is None for a connection that is not counted by address. ``environ`` and
    ``response`` are made by the first thread that works on a request.
    """

    __slots__ = (
        "address",
        "buffer",
        "client",
        "ended",
        "environ",
        "events",
        "held",
        "incoming",
        "keeps",
        "outlet",
        "phase",
        "response",
        "screened",
        "server",
        "since",
        "sock",
    )

    def __init__(self, sock: socket.socket, client: Any, server: Any, address: str | None) -> None:
        self.sock = sock
        self.client = client
        self.server = server
        self.address = address
        self.outlet: Outlet
        self.phase: Phase | None = None
        self.since = 0.0
        self.events = 0  # what the poller watches for
        self.buffer = bytearray()
        self.held = 0  # bytes of the request, as counted by the worker
        self.ended = False  # whether the client has finished sending
        self.keeps = False  # whether the connection stays open after the response
        self.clear()

    def clear(self) -> None:
        """Forget the request in hand."""
        self.incoming: Incoming | None = None
        self.environ: dict[str, Any] | None = None
        self.response: Any = None
        self.screened = False
