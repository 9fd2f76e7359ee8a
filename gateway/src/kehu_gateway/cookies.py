"""The cookie that keeps a browser signed in: its name, and how it is read and written.

A cookie whose name begins with ``__Host-`` can be set only by a secure page of this very host; no
other application of the domain, and nobody in the network, can plant one.  Browsers refuse it from
plain http, unless the host is the machine itself, so other hosts there get a weaker one.  That is
never accepted where the strong one is possible.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits


class Cookie(NamedTuple):
    """A cookie as it is named and written."""

    name: str
    attributes: str

    def secret_in(self, header: str) -> str | None:
        """The secret in a Cookie header.

        None if there are two cookies of the name: one was planted, and which is not known.
        """
        pairs = (part.partition("=") for part in header.split(";"))
        values = [value.strip() for name, _, value in pairs if name.strip() == self.name]
        if len(values) != 1 or not _SECRET.fullmatch(values[0]):
            return None
        return values[0]

    def written(self, secret: str) -> str:
        """The Set-Cookie header that keeps a secret until the browser is closed."""
        return f"{self.name}={secret}; {self.attributes}"

    def cleared(self) -> str:
        """The Set-Cookie header that removes the secret."""
        return f"{self.name}=; Max-Age=0; {self.attributes}"


STRONG = Cookie("__Host-kehu", "Path=/; Secure; HttpOnly; SameSite=Strict")
WEAK = Cookie("kehu", "Path=/; HttpOnly; SameSite=Strict")


def cookie_for(scheme: str, host: str, *, require_https: bool) -> Cookie | None:
    """The cookie for an address of the gateway; None if it may not be signed in to there."""
    if scheme == "https" or _is_loopback(host):
        return STRONG
    return None if require_https else WEAK


def _is_loopback(host: str) -> bool:
    """Whether a Host header names the machine itself, as browsers understand it."""
    name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    if name.lower() == "localhost" or name.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
