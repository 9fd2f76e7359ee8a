"""What a server allows its clients, as far as that differs between servers."""

from __future__ import annotations

import ipaddress
import resource
from collections.abc import Collection
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HELD_BYTES = 64 * 1024 * 1024  # of all requests that have not been responded to
MAX_CONNECTIONS = 10_000
# Files other than clients' connections: to services and databases, responses kept for slow clients.
OTHER_FILES = 1024
MAX_FILES = 65_536


@dataclass(frozen=True)
class Limits:
    """``max_body`` in bytes; how many connections a process has, in all and of one address.

    ``per_address`` is None for no limit. The networks of ``trusted`` have none: proxies bring the
    connections of many clients.
    """

    max_body: int
    connections: int = MAX_CONNECTIONS
    per_address: int | None = None
    trusted: Collection[Network] = ()

    def is_trusted(self, host: str) -> bool:
        """Whether connections of this host are not counted."""
        if not self.trusted:
            return False
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self.trusted)


def raise_file_limit() -> int:
    """Let this process open as many files as it may; return for how many connections that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    files = MAX_FILES if soft == resource.RLIM_INFINITY else soft
    # A connection may need a second file, for a response that its client has not taken.
    return max(files // 4, (files - OTHER_FILES) // 2)
