"""Migrations: run once, exclusively, and can be resumed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from chassis_support.program import Program, python_path
from chassis_support.waiting import at_once, until
from kehu_sample.app import service as notes
from sqlalchemy import inspect, text

from kehu_chassis.data.database import Database
from kehu_chassis.runtime import migrate
from kehu_chassis.runtime.service import Service
from kehu_chassis.testing import Harness
from kehu_chassis.testing.databases import Databases


@dataclass(frozen=True)
class Elsewhere(Service):
    """The notes service with migrations of the test's own."""

    folder: Path = Path()

    @property
    def migrations(self) -> Path:
        return self.folder


def write(folder: Path, *bodies: str) -> Service:
    """Migrations that run these statements, one each."""
    (folder / "versions").mkdir(parents=True, exist_ok=True)
    # Python would reuse the compiled code of a file that is rewritten within a second.
    shutil.rmtree(folder / "versions/__pycache__", ignore_errors=True)
    (folder / "env.py").write_text((notes.migrations / "env.py").read_text())
    for number, body in enumerate(bodies, start=1):
        lines = textwrap.indent(body, "    ")
        before = f'"{number - 1:04}"' if number > 1 else None
        (folder / f"versions/{number:04}.py").write_text(
            f'import os\nfrom alembic import op\nrevision = "{number:04}"\n'
            f"down_revision = {before}\n\n\ndef upgrade():\n{lines}\n"
        )
    migrate._revisions.cache_clear()
    return Elsewhere(name="notes", package="kehu_sample", features=[], folder=folder)


@pytest.fixture
def empty(databases: Databases) -> Iterator[Database]:
    """A database without any table."""
    url = databases.empty()
    database = Database(url, service="notes", pool=4, application="migrate")
    yield database
    database.dispose()
    databases.release(url)


def tables(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def test_models_and_migrations_agree(harness: Harness) -> None:
    migrate.check(harness.service, harness.database)
    assert migrate.reason_not_ready(harness.service, harness.database) is None


def test_the_tables_are_created(empty: Database) -> None:
    """P21: a lock acquired before Alembic starts must not make it roll everything back."""
    assert migrate.reason_not_ready(notes, empty) == ("the database is not migrated: run `migrate`")
    migrate.upgrade(notes, empty)
    assert {"note", "outbox", "inbox", "failed_event", "lease", "job_run"} <= tables(empty)
    assert migrate.reason_not_ready(notes, empty) is None
    migrate.upgrade(notes, empty)


def test_concurrent_migrators_run_once(empty: Database, tmp_path: Path) -> None:
    """The others wait and find nothing left to do."""
    slow = 'op.execute("SELECT pg_sleep(0.5)")\nop.execute("CREATE TABLE one (id int)")'
    service = write(tmp_path, slow, 'op.execute("CREATE TABLE two (id int)")')
    at_once(*(lambda: migrate.upgrade(service, empty) for _ in range(3)))
    assert {"one", "two"} <= tables(empty)
    assert migrate.reason_not_ready(service, empty) is None


def test_migrations_have_their_own_time_limits(empty: Database, tmp_path: Path) -> None:
    check = """
show = op.get_bind().exec_driver_sql
limits = [show("SHOW statement_timeout").scalar(), show("SHOW lock_timeout").scalar()]
assert limits == ["0", "2s"], limits
op.execute("CREATE TABLE checked_{} (id int)")
"""
    service = write(tmp_path, check.format(1), check.format(2))
    migrate.upgrade(service, empty)
    assert {"checked_1", "checked_2"} <= tables(empty)
    with empty.engine.connect() as connection:
        assert connection.scalar(text("SHOW lock_timeout")) == "5s"


def test_the_next_migration_is_written_from_the_models(empty: Database, tmp_path: Path) -> None:
    shutil.copytree(notes.migrations, tmp_path / "notes")
    service = Elsewhere(**vars(notes), folder=tmp_path / "notes")
    existing = set(tmp_path.rglob("*.py"))
    migrate.upgrade(service, empty)
    migrate.revise(service, empty, "Nothing to do")
    assert set(tmp_path.rglob("*.py")) == existing
    with empty.engine.begin() as connection:
        connection.execute(text("ALTER TABLE note DROP COLUMN pinned"))
    migrate.revise(service, empty, "Pinned notes")
    (written,) = set(tmp_path.rglob("*.py")) - existing
    assert written.name == f"{len(existing):04}_pinned_notes.py"
    migrate._revisions.cache_clear()
    migrate.upgrade(service, empty)
    migrate.check(service, empty)


@pytest.mark.fault("F52")
def test_a_killed_migration_is_resumed(empty: Database, tmp_path: Path) -> None:
    """F52: finished steps stay, the interrupted one is rolled back, and a second run completes."""
    marker = tmp_path / "reached"
    service = write(
        tmp_path / "migrations",
        'op.execute("CREATE TABLE one (id int)")',
        'op.execute("CREATE TABLE two (id int)")\n'
        f'if not os.path.exists("{marker}"):\n'
        f'    open("{marker}", "w").close()\n    op.execute("SELECT pg_sleep(60)")',
        'op.execute("CREATE TABLE three (id int)")',
    )
    address = empty.engine.url.render_as_string(hide_password=False)
    program = f"""
from pathlib import Path
from kehu_chassis.runtime import migrate
from kehu_chassis.data.database import Database
from kehu_chassis.runtime.service import Service
class Elsewhere(Service):
    migrations = Path({str(tmp_path / "migrations")!r})
database = Database({address!r}, service="notes", pool=1, application="to be killed")
migrate.upgrade(Elsewhere(name="notes", package="kehu_sample", features=[]), database)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": python_path()}
    )
    try:
        until(marker.exists)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert "one" in tables(empty) and not {"two", "three"} & tables(empty)
    assert migrate.reason_not_ready(service, empty) == (
        "the schema is at 0001 and older than 0003: run `migrate`"
    )
    _end_orphaned_connection(empty)
    migrate.upgrade(service, empty)
    assert {"one", "two", "three"} <= tables(empty)
    assert migrate.reason_not_ready(service, empty) is None


def _end_orphaned_connection(database: Database) -> None:
    """PostgreSQL notices a vanished client only when it next sends to it."""
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'to be killed'"
            )
        )


def test_a_failing_migration_changes_nothing(empty: Database, tmp_path: Path) -> None:
    service = write(
        tmp_path,
        'op.execute("CREATE TABLE one (id int)")',
        'op.execute("CREATE TABLE one (x int)")',
    )
    with pytest.raises(Exception, match="already exists"):
        migrate.upgrade(service, empty)
    assert migrate.reason_not_ready(service, empty) is not None
    write(tmp_path, "pass", 'op.execute("CREATE TABLE two (x int)")')
    migrate.upgrade(service, empty)
    assert {"one", "two"} <= tables(empty), "and the lock was released"


@pytest.mark.parametrize(
    ("version", "ready"), [("0005", True), ("9999", True), (None, False)], ids=str
)
def test_a_newer_schema_is_accepted(harness: Harness, version: str | None, ready: bool) -> None:
    """Migrations keep the previous release working, so it may still start."""
    with harness.session() as session:
        session.execute(text("DELETE FROM alembic_version"))
        if version:
            session.execute(text("INSERT INTO alembic_version VALUES (:v)"), {"v": version})
    assert (migrate.reason_not_ready(harness.service, harness.database) is None) is ready


def test_an_older_schema_is_rejected(empty: Database, tmp_path: Path) -> None:
    migrate.upgrade(write(tmp_path, "pass"), empty)
    newer = write(tmp_path, "pass", "pass")
    assert migrate.reason_not_ready(newer, empty) == (
        "the schema is at 0001 and older than 0002: run `migrate`"
    )


def test_migrating_runs_the_first_start(empty: Database) -> None:
    calls: list[object] = []
    first = Service(
        name="notes", package="kehu_sample", features=["notes"], first_start=calls.append
    )
    migrate.upgrade(first, empty)
    assert len(calls) == 1


def test_the_command_migrates(
    program: Program, empty: Database, database_url: Callable[[Service], str]
) -> None:
    address = empty.engine.url.render_as_string(hide_password=False)
    done = program.run("migrate", KEHU_DATABASE_URL=address)
    assert done.returncode == 0, done.stderr
    assert "note" in tables(empty)
