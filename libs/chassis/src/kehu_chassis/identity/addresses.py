"""Network addresses of clients: which belong to one machine, and who may state them."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress

# The header in which the gateway proves that X-Forwarded-For is its own.
PROOF_HEADER = "X-Forwarded-Proof"


def host_of(address: str) -> str:
    """The network of one machine: an IPv4 address, or a whole /64 of IPv6; other text as it is."""
    return _network(address, ipv4=32)


def network_of(address: str) -> str:
    """The network within which an attacker changes addresses easily: a /24, or a /64 of IPv6."""
    return _network(address, ipv4=24)


def proof(key: str, address: str, request_id: str) -> str:
    """The proof that a holder of the internal key states this address for this request."""
    message = f"forwarded|{address}|{request_id}"
    return hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()


def is_proven(given: str, key: str, address: str, request_id: str) -> bool:
    """Whether a proof, possibly an invented one, is that of this address and request."""
    return hmac.compare_digest(given.encode(), proof(key, address, request_id).encode())


def _network(address: str, *, ipv4: int) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])  # without the zone of fe80::1%eth0
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    prefix = ipv4 if parsed.version == 4 else 64
    return str(ipaddress.ip_network((parsed, prefix), strict=False))
