"""The phases of a connection."""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """What a connection waits for."""

    LINGERING = "lingering"  # the client should close it: everything has been sent
    NEW = "new"  # the first byte of a first request
    RECEIVING = "receiving"  # the rest of a request
    IDLE = "idle"  # the next request
    SENDING = "sending"  # the client should take the rest of a response
    RESPONDING = "responding"  # a thread has it, or will
