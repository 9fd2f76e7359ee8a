"""Choosing unused TCP ports."""

import os
import random
import socket

LOOPBACK = "127.0.0.1"

# Below the kernel's range for outgoing connections, so that no client can hold a remembered port.
PRIVATE_RANGE = range(20_000, 32_000)

# Ports that this process has chosen: not free any more, although nothing listens there yet.
_chosen: set[int] = set()


def private_range() -> range:
    """Return the range of private ports; KEHU_PORTS=FIRST-LAST separates concurrent test runs."""
    given = os.environ.get("KEHU_PORTS")
    if not given:
        return PRIVATE_RANGE
    first, last = given.split("-")
    return range(int(first), int(last) + 1)


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Return whether a server could listen on this port now."""
    with socket.socket() as probe:
        # Servers set this option themselves; without it a port just released would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def private_port(remembered: int | None = None) -> int:
    """Return the remembered port if it is free, else a random free one.

    Random, so that two stacks that start at the same moment do not choose the same one.
    """
    if remembered is not None and is_free(remembered):
        _chosen.add(remembered)
        return remembered
    ports = private_range()
    for port in random.sample(ports, len(ports)):
        if port not in _chosen and is_free(port):
            _chosen.add(port)
            return port
    raise RuntimeError(f"no free TCP port was found between {ports[0]} and {ports[-1]}")


def public_port(preferred: int, host: str = LOOPBACK) -> int:
    """Return the preferred port, or the next free one above it."""
    with hold_public_port(preferred, host) as held:
        port: int = held.getsockname()[1]
        return port


def hold_public_port(preferred: int, host: str = LOOPBACK) -> socket.socket:
    """Listen on the preferred port, or on the next free one above it, until the socket is closed.

    Others that look for a port meanwhile find this one taken.
    """
    for port in range(preferred, min(preferred + 500, 65_536)):
        try:
            held = socket.create_server((host, port), backlog=1)
        except OSError:
            continue
        _chosen.add(port)
        return held
    raise RuntimeError(f"no free TCP port was found from {preferred} upwards")


def accepts(host: str, port: int, timeout: float = 1.0) -> bool:
    """Return whether a server listens there."""
    try:
        socket.create_connection((host, port), timeout=timeout).close()
    except OSError:
        return False
    return True
