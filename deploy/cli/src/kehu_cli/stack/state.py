"""The state directory of a stack: ports and passwords that a restart must keep, logs, data."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from kehu_cli.catalogue import ROOT, SALES_LOGIN, SERVICES
from kehu_cli.ports import LOOPBACK
from kehu_cli.private_files import write_private
from kehu_cli.stack.rabbitmq_definitions import ADMINISTRATOR

DEFAULT_STATE = ROOT / ".kehu"
DEFAULT_TIMEZONE = "Asia/Shanghai"


class State:
    """One state directory; `.kehu` in the checkout unless KEHU_STATE or --state name another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.logs = self.folder / "log"
        self.supervisor_configuration = self.folder / "supervisord.conf"
        self.supervisor_pid = self.folder / "supervisord.pid"
        self._addresses = self.folder / "state.json"
        self._credentials = self.folder / "credentials.json"

    @property
    def demonstration(self) -> "State":
        """The state of the temporary stack that a demonstration starts.

        It is inside this directory, which the user has chosen for the data of servers.
        """
        return State(self.folder / "demo")

    @property
    def stacks(self) -> "list[State]":
        """This stack, and a demonstration's if there is one: a killed one leaves it running."""
        own = self.demonstration
        return [self, own] if own.folder.exists() else [self]

    def create(self) -> None:
        """Create the directory; ClickException with the reason if that is impossible."""
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            (self.folder / "lock").touch()
        except OSError as error:
            raise click.ClickException(
                f"{self.folder} cannot be written ({error.strerror}). "
                "Choose another folder for the state: kehu --state DIR ... (or KEHU_STATE=DIR)"
            ) from None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Prevent two commands from starting or stopping the same stack at once."""
        self.create()
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def demonstration_lock(self) -> Iterator[None]:
        """Prevent a second demonstration from removing the stack of the first."""
        self.create()
        # Not in the demonstration's own folder, which is deleted. A killed holder releases it.
        with (self.folder / "demo.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise click.ClickException(
                    f"a demonstration is already being played in {self.demonstration.folder}. "
                    "Wait for its end, or choose another folder: kehu --state DIR demo"
                ) from None
            yield

    def log(self, process: str) -> Path:
        """Return the log file of a process."""
        return self.logs / f"{process}.log"

    def ports(self) -> dict[str, int]:
        """Return the ports of the last start."""
        ports: dict[str, int] = _read(self._addresses).get("ports", {})
        return ports

    def host(self) -> str:
        """Return the address at which the gateway listens."""
        host: str = _read(self._addresses).get("host", LOOPBACK)
        return host

    def timezone(self) -> str:
        """Return the company's time zone of the last start."""
        timezone: str = _read(self._addresses).get("timezone", DEFAULT_TIMEZONE)
        return timezone

    def remember(self, host: str, ports: dict[str, int]) -> None:
        """Store addresses and time zone for the next start and for other commands."""
        timezone = os.environ.get("KEHU_TIMEZONE") or self.timezone()
        content = {"host": host, "ports": ports, "timezone": timezone}
        self._addresses.write_text(json.dumps(content, indent=2) + "\n")

    def credentials(self) -> dict[str, Any]:
        """Return the passwords of the first start."""
        return _read(self._credentials)

    def ensure_credentials(self) -> dict[str, Any]:
        """Return the passwords; generate them at the first start."""
        credentials = self.credentials()
        credentials.setdefault("databases", {})
        credentials.setdefault("logins", {})
        for service in SERVICES:
            credentials["databases"].setdefault(service, _password())
        for login in (*SERVICES, SALES_LOGIN, ADMINISTRATOR):
            credentials["logins"].setdefault(login, _password())
        credentials.setdefault("internal_key", _password())
        credentials.setdefault("supervisor", _password())
        credentials.setdefault(
            "administrator",
            {
                "username": os.environ.get("KEHU_ADMIN_USERNAME") or "admin",
                "password": os.environ.get("KEHU_ADMIN_PASSWORD") or _password(),
                "generated": not os.environ.get("KEHU_ADMIN_PASSWORD"),
                # Until auth has been ready once, the account may not exist.
                "made": False,
            },
        )
        self.keep_credentials(credentials)
        return credentials

    def keep_credentials(self, credentials: dict[str, Any]) -> None:
        """Store the passwords, readable by their owner only."""
        write_private(self._credentials, json.dumps(credentials, indent=2) + "\n")


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except PermissionError:
        raise click.ClickException(f"{path} belongs to another user") from None
    return content


def _password() -> str:
    return secrets.token_urlsafe(24)
