"""Where the demonstration plays: the doors of a Kehu and the logins, of this machine or not."""

import os
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from kehu_cli.stack.stack import Stack
from kehu_cli.stack.state import DEFAULT_TIMEZONE


@dataclass(frozen=True)
class Where:
    """The doors of the Kehu that the story is played on."""

    gateway_url: str
    amqp_url: str
    admin_username: str
    admin_password: str
    timezone: ZoneInfo
    stack: Stack | None = None


@dataclass(frozen=True)
class Given:
    """What the user says about it on the command line; it comes before what we know."""

    gateway: str | None = None
    amqp: str | None = None
    admin_username: str | None = None
    admin_password: str | None = None

    def on(self, stack: Stack) -> Where:
        """The doors of a stack of this machine, whatever this shell's variables say of others."""
        other = self.gateway or self.amqp
        return Where(
            self.gateway or stack.gateway_url,
            self.amqp or stack.sales_amqp_url,
            self.admin_username or stack.admin_username,
            self.admin_password or stack.admin_password,
            ZoneInfo(stack.timezone),
            # What its processes count says nothing of another Kehu.
            None if other else stack,
        )

    def elsewhere(self, gateway: str, amqp: str) -> Where:
        """The doors of a Kehu of which this shell's variables may say more."""
        return Where(
            gateway,
            amqp,
            self.admin_username or os.environ.get("KEHU_ADMIN_USERNAME") or "admin",
            self.admin_password or os.environ.get("KEHU_ADMIN_PASSWORD") or "",
            _timezone(),
        )


def _timezone() -> ZoneInfo:
    """The company's time zone, which the services read from the same variable."""
    name = os.environ.get("KEHU_TIMEZONE") or DEFAULT_TIMEZONE
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.ClickException(f"KEHU_TIMEZONE: no such time zone: {name}") from None
