"""`kehu revise`."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from kehu_cli.catalogue import ROOT, SERVICES, python_command
from kehu_cli.ports import private_port
from kehu_cli.server import ServerError, tail
from kehu_cli.stack import databases, postgres
from kehu_cli.stack.accounts import as_user

START_SECONDS = 60.0


@click.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.argument("purpose")
def revise(service: str, purpose: str) -> None:
    """Write the next migration of SERVICE from the differences of its models and migrations.

    PURPOSE, a few words, names the file. The migrations run on a temporary empty database, not on
    that of a running stack. Review the file before you commit it.
    """
    folder = ROOT / "services" / service / "migrations" / "versions"
    click.echo(f"running the migrations of {service} on an empty database …")
    before = set(folder.glob("*.py"))
    with _empty_database(service) as url:
        environment = os.environ | {
            "KEHU_DATABASE_URL": url,
            "KEHU_AUTH_URL": "http://auth.invalid",
            "KEHU_INTERNAL_KEY": secrets.token_urlsafe(32),
            "KEHU_LOG_LEVEL": "ERROR",
        }
        for arguments in (["migrate"], ["revise", purpose]):
            _run(python_command(service, *arguments), environment)
    written = sorted(set(folder.glob("*.py")) - before)
    if not written:
        click.echo(f"the migrations of {service} are up to date with its models")
        return
    for arguments in (["format", "--quiet"], ["check", "--fix", "--quiet"]):
        _run([sys.executable, "-m", "ruff", *arguments, *map(str, written)], dict(os.environ))
    for path in written:
        click.echo(f"written: {path.relative_to(ROOT)}")


@contextmanager
def _empty_database(service: str) -> Iterator[str]:
    """Yield the address of a service's database on a temporary server."""
    with tempfile.TemporaryDirectory(prefix="kehu-revise-") as name:
        folder, port = Path(name), private_port()
        log = folder / "postgres.log"
        postgres.prepare(folder, durable=False)
        command = postgres.command(folder, port, durable=False)
        with (
            log.open("wb") as output,
            subprocess.Popen(
                command.arguments, stdout=output, stderr=output, **as_user(command.user)
            ) as server,
        ):
            try:
                superuser_url = postgres.superuser_url(folder, port)
                deadline = time.monotonic() + START_SECONDS
                while not postgres.is_ready(superuser_url):
                    if server.poll() is not None or time.monotonic() > deadline:
                        raise ServerError(f"PostgreSQL did not start:\n{tail(log)}")
                    time.sleep(0.05)
                yield databases.create(superuser_url, [service])[service]
            finally:
                server.send_signal(signal.SIGINT)


def _run(arguments: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        arguments, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise click.ClickException(f"{' '.join(arguments[2:])} failed:\n{done.stderr}{done.stdout}")
