"""One database and one login role per service, created by deploy/postgres as in containers."""

import json
import os
import secrets
import subprocess
from collections.abc import Collection, Mapping
from urllib.parse import quote, urlsplit

from kehu_cli.catalogue import DATABASES
from kehu_cli.server import ServerError
from kehu_cli.stack import postgres


def database_name(service: str) -> str:
    """Return the name of a service's database and of its role."""
    return f"kehu_{service.replace('-', '_')}"


def create(
    superuser_url: str, services: Collection[str], passwords: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Create missing databases and roles, set the passwords, return each service's address.

    Missing passwords are random, so a second call without them replaces those of the first.
    """
    given = passwords or {}
    wanted = {
        database_name(service): given.get(service) or secrets.token_urlsafe(24)
        for service in services
    }
    result = subprocess.run(
        [str(postgres.binary("psql")), "--no-psqlrc", f"--file={DATABASES}", superuser_url],
        env={**os.environ, "KEHU_DATABASES": json.dumps(wanted), "PGCLIENTENCODING": "UTF8"},
        capture_output=True,
        text=True,
    )
    if result.returncode != 0:
        raise ServerError(f"the databases could not be created:\n{result.stderr}")
    parts = urlsplit(superuser_url)
    server = f"{parts.hostname}:{parts.port}"
    return {
        service: f"postgresql://{name}:{quote(password, safe='')}@{server}/{name}"
        for service, (name, password) in zip(services, wanted.items(), strict=True)
    }
