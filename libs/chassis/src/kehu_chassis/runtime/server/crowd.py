"""All connections of a process: in which phase each is and since when, and how many an address has.

In every phase the connections are in the order in which they entered it, so the first is the one
that has had the most time.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator

from kehu_chassis.runtime.server.connection import Connection
from kehu_chassis.runtime.server.phases import Phase

KEEPALIVE_SECONDS = 60.0
FIRST_BYTE_SECONDS = 5.0
REQUEST_SECONDS = 30.0  # from its first byte to its last
LINGER_SECONDS = 2.0


SECONDS = {
    Phase.LINGERING: LINGER_SECONDS,
    Phase.NEW: FIRST_BYTE_SECONDS,
    Phase.RECEIVING: REQUEST_SECONDS,
    Phase.IDLE: KEEPALIVE_SECONDS,
}
# To make room the oldest of these is closed, whichever phase it is in: a normal client is soon
# served, so its connection is never the oldest for long.
WAITING = (Phase.LINGERING, Phase.NEW, Phase.RECEIVING, Phase.IDLE)


class Crowd:
    """The connections of a process, at most ``total``, at most ``per_address`` of one address."""

    def __init__(self, total: int, per_address: int | None) -> None:
        self._total = total
        self._per_address = per_address
        self._phases: dict[Phase, OrderedDict[Connection, None]] = {
            phase: OrderedDict() for phase in Phase
        }
        self._addresses: dict[str, set[Connection]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._phases.values()))

    def count(self, *phases: Phase) -> int:
        """How many connections are in these phases."""
        return sum(len(self._phases[phase]) for phase in phases)

    def crowding(self, address: str | None) -> Connection | bool:
        """What is in the way of one more connection of this address.

        False: nothing; True: too many that cannot be closed; else the connection to close.
        """
        if self._per_address is not None and address is not None:
            same = self._addresses.get(address, ())
            if len(same) >= self._per_address:
                closable = [each for each in same if each.phase is not Phase.RESPONDING]
                return min(closable, key=_by_time, default=True)
        if len(self) >= self._total:
            return self.in_the_way() or True
        return False

    def in_the_way(self) -> Connection | None:
        """The connection to close first, for another to have room."""
        heads = [found for phase in WAITING if (found := self.oldest(phase))]
        return min(heads, key=_by_time, default=None) or self.oldest(Phase.SENDING)

    def oldest(self, phase: Phase) -> Connection | None:
        """The connection that has been longest in this phase."""
        return next(iter(self._phases[phase]), None)

    def enter(self, connection: Connection, phase: Phase, since: float | None = None) -> None:
        """Move the connection to a phase, or add it."""
        if connection.phase is not None:
            del self._phases[connection.phase][connection]
        elif connection.address is not None:
            self._addresses.setdefault(connection.address, set()).add(connection)
        connection.phase = phase
        connection.since = time.monotonic() if since is None else since
        self._phases[phase][connection] = None

    def leave(self, connection: Connection) -> None:
        """Forget the connection."""
        if connection.phase is not None:
            del self._phases[connection.phase][connection]
            connection.phase = None
        if connection.address is not None and (same := self._addresses.get(connection.address)):
            same.discard(connection)
            if not same:
                del self._addresses[connection.address]

    def overdue(self) -> Iterator[Connection]:
        """Connections whose time is up; each must be moved or forgotten before the next."""
        now = time.monotonic()
        for phase, seconds in SECONDS.items():
            while (first := self.oldest(phase)) and now - first.since >= seconds:
                yield first

    def members(self, *phases: Phase) -> list[Connection]:
        """The connections in these phases."""
        return [each for phase in phases for each in self._phases[phase]]


def _by_time(connection: Connection) -> tuple[bool, float]:
    return connection.phase is Phase.SENDING, connection.since
