"""Device tokens: they recognise the device on which a person has signed in before.

Whoever guesses passwords has none, so a login from a known device is counted by itself: nobody
else's attempts can lock it out.  A token is no credential and nothing is stored: it only says who
signed in with it, and when, sealed with the internal key.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from uuid import UUID

from kehu_auth import environment
from kehu_auth.lifetimes import DEVICE
from kehu_chassis import clock
from kehu_chassis.data.database import new_id

_SIZE = 16 + 16 + 8  # user, device, seconds since 1970


def issue(user_id: UUID, device: str | None) -> str:
    """The token of a device, known or new, on which the user has just signed in."""
    ident = UUID(device) if device else new_id()
    content = user_id.bytes + ident.bytes + int(clock.now().timestamp()).to_bytes(8)
    return urlsafe_b64encode(content + _seal(content)).decode().rstrip("=")


def known(token: str | None, user_id: UUID) -> str | None:
    """The id of the device if its token is one of this user and not too old; else None."""
    try:
        raw = urlsafe_b64decode((token or "") + "=" * (-len(token or "") % 4))
    except ValueError:
        return None
    content, seal = raw[:_SIZE], raw[_SIZE:]
    if len(content) != _SIZE or not hmac.compare_digest(seal, _seal(content)):
        return None
    age = clock.now().timestamp() - int.from_bytes(content[32:])
    if content[:16] != user_id.bytes or timedelta(seconds=age) > DEVICE:
        return None
    return str(UUID(bytes=content[16:32]))


def _seal(content: bytes) -> bytes:
    # Of its own purpose: the key also seals the signing keys.
    key = f"device|{environment.internal_key()}".encode()
    return hmac.new(key, content, hashlib.sha256).digest()
