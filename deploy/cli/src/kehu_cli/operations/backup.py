"""Backups: one dump per service, all of the same moment, and a manifest that is written last."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kehu_cli.catalogue import ROOT, SERVICES
from kehu_cli.operations.installation import Installation
from kehu_cli.operations.psql import Psql
from kehu_cli.private_files import write_private
from kehu_cli.server import ServerError
from kehu_cli.stack.databases import database_name

MANIFEST = "manifest.json"
FORMAT = 1
SNAPSHOT = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
    " SELECT pg_export_snapshot() || ' ' || extract(epoch FROM clock_timestamp())"
)
# An event takes longer from its commit through relay, broker and consumer to the next commit.
ONE_MOMENT_SECONDS = 0.02
MAX_ATTEMPTS = 200
Manifest = dict[str, Any]


def take(installation: Installation, folder: Path, report: Callable[[str], None]) -> Manifest:
    """Back up all databases into a new folder; return the manifest."""
    _make(folder)
    with ExitStack() as stack:
        views = {
            service: stack.enter_context(Psql(installation, database_name(service)))
            for service in SERVICES
        }
        taken_at = datetime.now(UTC)
        snapshots = snapshots_of_one_moment(views)
        revisions = {service: _revision(service, view) for service, view in views.items()}
        services = {}
        for service, view in views.items():
            report(f"backing up {service}")
            services[service] = _dump(installation, service, snapshots[service], folder) | {
                "revision": revisions[service],
                "rows": row_counts(view),
            }
    manifest = {
        "format": FORMAT,
        "taken_at": taken_at.isoformat(),
        "kehu": version("kehu-cli"),
        "services": services,
    }
    write_private(folder / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    return manifest


def snapshots_of_one_moment(views: Mapping[str, Psql]) -> dict[str, str]:
    """Open a snapshot of each database; return their names.

    No event may get from one service to another between the first and the last: the snapshot of its
    producer must contain every event that a consumer has handled. So they are retried until they
    are close enough together.
    """
    for _attempt in range(MAX_ATTEMPTS):
        for view in views.values():
            view.send(SNAPSHOT)
        results = [view.single(view.result()).split() for view in views.values()]
        moments = [float(moment) for _name, moment in results]
        if max(moments) - min(moments) <= ONE_MOMENT_SECONDS:
            return {service: name for service, (name, _) in zip(views, results, strict=True)}
        for view in views.values():
            view.execute("ROLLBACK")
    raise ServerError(
        "this machine is too busy for simultaneous snapshots: try again when its load is lower"
    )


def read(folder: Path) -> Manifest:
    """Return the manifest of a backup; ServerError unless it is complete, intact and supported."""
    try:
        manifest: Manifest = json.loads((folder / MANIFEST).read_text())
        made_by, services = manifest["kehu"], manifest["services"]
    except FileNotFoundError:
        raise ServerError(
            f"{folder} is not a complete backup: it has no {MANIFEST}, which is written last"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise ServerError(f"the backup is damaged: {MANIFEST} cannot be read") from None
    if manifest.get("format") != FORMAT or set(services) != set(SERVICES):
        raise ServerError(f"the backup was made by Kehu {made_by} in another format")
    for service, entry in services.items():
        file = folder / entry["file"]
        if not file.is_file() or _digest(file) != entry["sha256"]:
            raise ServerError(f"the backup is damaged: {file.name} is missing or has changed")
        scripts = ROOT / "services" / service / "migrations" / "versions"
        if not list(scripts.glob(f"{entry['revision']}_*.py")):
            raise ServerError(
                f"the backup was made by Kehu {made_by}: this version does not know the schema"
                f" {entry['revision']} of {service}. Update Kehu first"
            )
    return manifest


def _revision(service: str, view: Psql) -> str:
    """Return the revision of the schema; ServerError if the database is not migrated."""
    found: list[str] = []
    if view.scalar("SELECT to_regclass('alembic_version') IS NOT NULL") == "t":
        found = view.execute("SELECT version_num FROM alembic_version")
    if not found:
        raise ServerError(
            f"the database of {service} is not migrated yet: wait until the installation is ready,"
            " or find out why its migration failed, then try again"
        )
    return view.single(found)


def row_counts(view: Psql) -> dict[str, int]:
    """Return the number of rows of each table."""
    tables = view.scalar_json(
        "SELECT json_agg(tablename ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"
    )
    counts = " UNION ALL ".join(
        f"SELECT '{table}' AS name, count(*) AS number FROM \"{table}\"" for table in tables
    )
    found: dict[str, int] = view.scalar_json(
        f"SELECT json_object_agg(name, number) FROM ({counts}) AS counted"
    )
    return found


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ServerError(f"{folder} cannot be created: {error.strerror}") from None
    if any(folder.iterdir()):
        raise ServerError(f"{folder} is not empty: use a new folder for each backup")
    folder.chmod(0o700)


def _dump(installation: Installation, service: str, snapshot: str, folder: Path) -> dict[str, Any]:
    file = folder / f"{service}.dump"
    line = installation.tool(
        "pg_dump",
        "--format=custom",
        "--lock-wait-timeout=60s",
        f"--snapshot={snapshot}",
        f"--dbname={database_name(service)}",
    )
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        done = subprocess.run(
            line,
            env=installation.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
        )
        os.fsync(output.fileno())
    if done.returncode != 0:
        raise ServerError(f"{service} could not be backed up:\n{done.stderr.decode()}")
    return {"file": file.name, "bytes": file.stat().st_size, "sha256": _digest(file)}


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
