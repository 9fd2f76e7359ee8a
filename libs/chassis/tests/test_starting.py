"""Starting on a database that is late, too old or not migrated: wait, or log one clear line."""

from __future__ import annotations

import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
from chassis_support.program import Program
from chassis_support.proxy import Proxy
from chassis_support.waiting import until
from kehu_sample.app import service as notes
from sqlalchemy import text

from kehu_chassis import backoff
from kehu_chassis.backoff import Backoff
from kehu_chassis.data.database import Database
from kehu_chassis.runtime import migrate
from kehu_chassis.testing import Harness

DOWN = "amqp://notes:nothing@127.0.0.1:1/"


def through(cable: Proxy, harness: Harness) -> str:
    """The URL of the harness's database through the cable."""
    url = harness.settings.database_url
    return url.replace(f":{urlsplit(url).port}/", f":{cable.port}/")


def test_a_late_database_is_waited_for(harness: Harness, cable: Proxy, program: Program) -> None:
    cable.cut()
    process = program.start("jobs", KEHU_DATABASE_URL=through(cable, harness))
    program.wait_for(process, "waiting for the database: ")
    until(lambda: len(program.lines(process)) >= 2, what="progress in the log")
    cable.mend()
    program.wait_for(process, "started jobs")
    assert program.stop(process) == 0


def test_sigterm_ends_the_wait(harness: Harness, cable: Proxy, program: Program) -> None:
    cable.cut()
    process = program.start("work", KEHU_DATABASE_URL=through(cable, harness), KEHU_AMQP_URL=DOWN)
    program.wait_for(process, "waiting for the database: ")
    assert program.stop(process) == 0


def test_a_wrong_password_is_logged(harness: Harness, program: Program) -> None:
    parts = urlsplit(harness.settings.database_url)
    wrong = harness.settings.database_url.replace(f":{parts.password}@", ":not-the-password@")
    process = program.start("relay", KEHU_DATABASE_URL=wrong, KEHU_AMQP_URL=DOWN)
    program.wait_for(process, "waiting for the database: ")
    until(lambda: "password authentication failed" in program.lines(process)[-1]["event"])
    assert "not-the-password" not in str(program.lines(process))


@pytest.mark.parametrize("command", ["consume", "relay", "jobs", "work"])
def test_an_unmigrated_schema_is_reported_in_one_line(
    harness: Harness, program: Program, command: str
) -> None:
    with harness.session() as session:
        session.execute(text("DROP TABLE alembic_version"))
    process = program.start(command, KEHU_AMQP_URL=DOWN)
    assert process.wait(30) == 1
    (line,) = program.lines(process)
    assert line["level"] == "critical"
    assert line["event"] == "cannot start: the database is not migrated: run `migrate`"


def test_migrate_gives_up_on_a_database_that_never_starts(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"postgresql://notes:secret@127.0.0.1:{unused.getsockname()[1]}/notes"
        database = Database(url, service="notes", pool=1, application="test")
        monkeypatch.setattr(migrate, "_WAIT_SECONDS", 0.1)
        with pytest.raises(migrate.NotReady, match=r"cannot be reached: .* refused") as caught:
            migrate.upgrade(notes, database)
    assert "secret" not in str(caught.value) and "\n" not in str(caught.value)


def test_an_old_server_is_rejected(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """No older server is available, so the limit is raised above the current one."""
    monkeypatch.setattr(migrate, "OLDEST_POSTGRESQL", 99)
    with pytest.raises(migrate.NotReady, match=r"PostgreSQL \d+ is too old: 99 or newer"):
        migrate.upgrade(notes, harness.database)
    with pytest.raises(migrate.NotReady, match="is too old"):
        migrate.require(notes, harness.database)


def test_readiness_is_logged_when_it_changes(
    harness: Harness, fragile: Database, cable: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    readiness = migrate.Readiness(notes, fragile)
    with caplog.at_level("INFO", logger="kehu_chassis.runtime.migrate"):
        assert readiness.reason() is readiness.reason() is None
        cable.cut()
        assert readiness.reason() == readiness.reason() == "the database cannot be reached"
        cable.mend()
        assert readiness.reason() is None
    messages = [record.message for record in caplog.records]
    assert messages == ["ready", "not ready: the database cannot be reached", "ready"]


def test_backoff_grows_and_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    class Watched(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0.0)
            return False

    growing = Backoff(Watched())
    for _ in range(6):
        growing.wait()
    growing.reset()
    growing.wait()
    assert waited == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 0.5]
    monkeypatch.setattr(backoff, "FIRST_SECONDS", 60.0)
    stop = threading.Event()
    stop.set()
    started = time.monotonic()
    Backoff(stop).wait()
    assert time.monotonic() - started < 5
