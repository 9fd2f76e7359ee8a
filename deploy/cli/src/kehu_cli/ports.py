"""Choosing TCP ports that nobody uses."""

import os
import random
import socket

LOOPBACK = "127.0.0.1"

# Below the range from which the kernel takes the ports of outgoing connections, so that a port that
# was written down yesterday is not, by chance, some client's today.
PRIVATE_RANGE = range(20_000, 32_000)

# Those that this process has chosen: nobody listens there yet, and they are not free any more.
_chosen: set[int] = set()


def private_range() -> range:
    """Return where private ports lie: KEHU_PORTS=FIRST-LAST keeps several runs of tests apart."""
    given = os.environ.get("KEHU_PORTS")
    if not given:
        return PRIVATE_RANGE
    first, last = given.split("-")
    return range(int(first), int(last) + 1)


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Return whether a server could listen on this port now."""
    with socket.socket() as probe:
        # Servers set this option themselves; without it a port just left by one would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def private_port(remembered: int | None = None) -> int:
    """Return the remembered port if it is free, else a random free one.

    Random, not the next one: two stacks that start at the same moment must not choose alike.
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
    for port in range(preferred, min(preferred + 500, 65_536)):
        if is_free(port, host):
            return port
    raise RuntimeError(f"no free TCP port was found from {preferred} upwards")


def accepts(host: str, port: int, timeout: float = 1.0) -> bool:
    """Return whether somebody listens there."""
    try:
        socket.create_connection((host, port), timeout=timeout).close()
    except OSError:
        return False
    return True
