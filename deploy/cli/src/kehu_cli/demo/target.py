"""The Kehu on which the demonstration plays: its addresses and logins, local or remote."""

import os
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from kehu_cli.stack.stack import Stack
from kehu_cli.stack.state import DEFAULT_TIMEZONE


@dataclass(frozen=True)
class Target:
    """The addresses and logins of the Kehu on which the story is played."""

    gateway_url: str
    amqp_url: str
    admin_username: str
    admin_password: str
    timezone: ZoneInfo
    stack: Stack | None = None

    @property
    def is_local(self) -> bool:
        """Whether this Kehu runs on this machine."""
        return urlsplit(self.gateway_url).hostname in ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class TargetOptions:
    """The user's options on the command line; they override known values."""

    gateway: str | None = None
    amqp: str | None = None
    admin_username: str | None = None
    admin_password: str | None = None

    def of_stack(self, stack: Stack) -> Target:
        """Return a stack of this machine as target, regardless of the shell's variables."""
        other = self.gateway or self.amqp
        return Target(
            self.gateway or stack.gateway_url,
            self.amqp or stack.sales_amqp_url,
            self.admin_username or stack.admin_username,
            self.admin_password or stack.admin_password,
            ZoneInfo(stack.timezone),
            # The counters of this stack say nothing about another Kehu.
            None if other else stack,
        )

    def remote(self, gateway: str, amqp: str) -> Target:
        """Return a remote Kehu as target; the shell's variables supply what is missing."""
        return Target(
            gateway,
            amqp,
            self.admin_username or os.environ.get("KEHU_ADMIN_USERNAME") or "admin",
            self.admin_password or os.environ.get("KEHU_ADMIN_PASSWORD") or "",
            company_timezone(),
        )


def company_timezone() -> ZoneInfo:
    """Return the company's time zone, which the services read from the same variable."""
    name = os.environ.get("KEHU_TIMEZONE") or DEFAULT_TIMEZONE
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.ClickException(f"KEHU_TIMEZONE: no such time zone: {name}") from None
