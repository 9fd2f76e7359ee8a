"""The configuration of clients: what the installation decided that they must know."""

from importlib.metadata import version
from typing import Any

from kehu_auth.features.passwords import service as passwords
from kehu_auth.features.users import service as users
from kehu_chassis import clock
from kehu_chassis.data.fields import default_currency


def configuration(request_bytes: int) -> dict[str, Any]:
    """What every client needs to know; it changes with a release or a restart only."""
    return {
        "version": version("kehu-auth"),
        "time_zone": clock.timezone().key,
        "currency": default_currency(),
        "languages": list(users.LOCALES),
        "password": passwords.RULE,
        "limits": {"request_bytes": request_bytes},
        "features": [],
    }
