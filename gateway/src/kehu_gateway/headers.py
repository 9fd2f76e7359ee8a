"""Which headers pass, and which the gateway writes itself.

Requests pass by an *allow-list*, plus the header parameters an operation declares in its contract.
So no header about identity, forwarding or hops reaches a service, however a caller spells it and
whatever its Connection header names; nor does a cookie: ours is a secret, others belong to other
applications of the host.  Responses pass by a deny-list.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from kehu_chassis.identity import addresses
from kehu_chassis.observability import tracing
from kehu_chassis.problems import Problem
from kehu_gateway.settings import Network

_PASSED = (
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Cache-Control",
    "Content-Encoding",
    "Content-Language",
    "Idempotency-Key",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Origin",
    "Prefer",
    "Range",
    "Referer",
    "Tracestate",
    "User-Agent",
)
_OF_CLIENT = (("HTTP_ACCEPT_LANGUAGE", "Accept-Language"), ("HTTP_USER_AGENT", "User-Agent"))
_PASSED_KEYS = tuple((f"HTTP_{name.upper().replace('-', '_')}", name) for name in _PASSED)

# Never accepted from a caller, not even when a contract declares them.
_OURS = re.compile(
    r"x-forwarded-.*|x-request-id|x-real-ip|x-user.*|x-original-.*|forwarded|via|host|traceparent"
    r"|authorization|cookie2?|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|content-length"
)
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# The gateway's own server writes these.
_WRITTEN_BY_GATEWAY = frozenset({"server", "date", "x-request-id", "x-kehu-version"})
# The session's cookie is ours alone, and no page of another origin may use it.
_FORBIDDEN = frozenset({"set-cookie", "access-control-allow-credentials"})

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")

SECURITY_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
)


def request_id(environ: Mapping[str, Any]) -> str:
    """Return the caller's request id if it is well formed, else a new one."""
    given = environ.get("HTTP_X_REQUEST_ID")
    if given is not None and tracing.REQUEST_ID.fullmatch(given):
        return str(given)
    return os.urandom(16).hex()


def checked_host(environ: Mapping[str, Any]) -> str:
    """Return the Host header; Problem 400 if it is not a host."""
    host: str = environ.get("HTTP_HOST", "")
    if not _HOST.fullmatch(host) and (host or environ["SERVER_PROTOCOL"] != "HTTP/1.0"):
        raise Problem(400, "bad-request")
    return host


class Client:
    """The address and scheme of the real client, as far as forwarding headers can be trusted."""

    __slots__ = ("address", "scheme")

    def __init__(self, environ: Mapping[str, Any], trusted: Collection[Network]) -> None:
        self.address: str = environ.get("REMOTE_ADDR", "")
        self.scheme: str = environ["wsgi.url_scheme"]
        if trusted and _within(self.address, trusted):
            self._trust_forwarded(environ, trusted)

    @property
    def host(self) -> str:
        """The network of the client's machine, by which it is limited: a whole /64 of IPv6."""
        return addresses.host_of(self.address)

    def _trust_forwarded(self, environ: Mapping[str, Any], trusted: Collection[Network]) -> None:
        # Each trusted proxy appends its caller, so the last address that is not ours is the client.
        for part in reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")):
            address = part.strip()
            if not _is_address(address):
                break
            self.address = address
            if not _within(address, trusted):
                break
        if environ.get("HTTP_X_FORWARDED_PROTO") in ("http", "https"):
            self.scheme = environ["HTTP_X_FORWARDED_PROTO"]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _within(address: str, networks: Collection[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def to_auth(environ: Mapping[str, Any], client: Client, request_id: str) -> list[str]:
    """Return the header lines of a question of the gateway's own on behalf of a client."""
    lines = [f"{name}: {environ[key]}" for key, name in _OF_CLIENT if key in environ]
    lines.append(f"Traceparent: {_traceparent(environ)}")
    lines.append(f"X-Request-Id: {request_id}")
    lines.append(f"X-Forwarded-For: {client.address}")
    return lines


def proof(key: str, client: Client, request_id: str) -> str:
    """Return the header line that proves the stated address: a neighbour cannot state one."""
    return f"{addresses.PROOF_HEADER}: {addresses.proof(key, client.address, request_id)}"


def to_service(
    environ: Mapping[str, Any], declared: Iterable[str], client: Client, host: str, request_id: str
) -> list[str]:
    """Return the header lines to forward, without Authorization, Host and Content-Length."""
    lines = [f"{name}: {environ[key]}" for key, name in _PASSED_KEYS if key in environ]
    if environ.get("CONTENT_TYPE"):
        lines.append(f"Content-Type: {environ['CONTENT_TYPE']}")
    for name in declared:
        key = f"HTTP_{name.upper().replace('-', '_')}"
        if key in environ and name.title() not in _PASSED and not _OURS.fullmatch(name.lower()):
            lines.append(f"{name}: {environ[key]}")
    lines.append(f"Traceparent: {_traceparent(environ)}")
    lines.append(f"X-Request-Id: {request_id}")
    lines.append(f"X-Forwarded-For: {client.address}")
    lines.append(f"X-Forwarded-Proto: {client.scheme}")
    lines.append(f"X-Forwarded-Host: {host}")
    return lines


def _traceparent(environ: Mapping[str, Any]) -> str:
    if ours := tracing.current():
        return ours
    given = environ.get("HTTP_TRACEPARENT")
    if given is not None and _TRACEPARENT.fullmatch(given):
        return str(given)
    random = os.urandom(24).hex()
    return f"00-{random[:32]}-{random[32:]}-01"


def from_service(headers: Iterable[tuple[str, str]], request_id: str) -> list[tuple[str, str]]:
    """Return the headers of a service's response as the client gets them."""
    headers = list(headers)
    dropped = _HOP_BY_HOP | _WRITTEN_BY_GATEWAY | _FORBIDDEN
    nosniff = True
    for name, value in headers:
        lower = name.lower()
        if lower == "connection":
            dropped = dropped | {option.strip().lower() for option in value.split(",")}
        elif lower == "x-content-type-options":
            nosniff = False
    passed = [(name, value) for name, value in headers if name.lower() not in dropped]
    passed.append(("X-Request-Id", request_id))
    if nosniff:
        passed.append(("X-Content-Type-Options", "nosniff"))
    return passed
