"""Background processes: correct probes, logs without secrets, SIGTERM."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from chassis_support.amqp import Vhost, declared
from chassis_support.program import Program
from chassis_support.proxy import Proxy
from chassis_support.waiting import until
from kehu_sample.features.notes.models import Effect
from sqlalchemy import select, text

from kehu_chassis.actor import SYSTEM
from kehu_chassis.data.database import Database
from kehu_chassis.messaging import _amqp
from kehu_chassis.observability import metrics
from kehu_chassis.runtime.probes import Probes, serve
from kehu_chassis.testing import Harness, User


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return 0, ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def port(harness: Harness, fragile: Database) -> Iterator[int]:
    probes = Probes(harness.service, fragile, ["consume", "relay"])
    server = serve(probes, "127.0.0.1:0")
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_live_means_progress(port: int) -> None:
    for loop in ("consume", "relay"):
        metrics.PROGRESS.labels(loop).set(time.time())
    assert get(port, "/healthz") == (200, "ok\n")
    metrics.PROGRESS.labels("relay").set(time.time() - 61)
    assert get(port, "/healthz") == (503, "relay has made no progress for 60 s\n")
    metrics.PROGRESS.labels("relay").set(0)
    assert get(port, "/healthz")[0] == 200, "it has only started"


def test_ready_means_a_migrated_database(harness: Harness, port: int, cable: object) -> None:
    assert get(port, "/readyz") == (200, "ready\n")
    cable.cut()  # type: ignore[attr-defined]
    assert get(port, "/readyz") == (503, "the database cannot be reached\n")
    assert get(port, "/metrics")[0] == 200, "metrics that need no database remain"
    cable.mend()  # type: ignore[attr-defined]
    assert get(port, "/readyz") == (200, "ready\n")
    with harness.session() as session:
        session.execute(text("DROP TABLE alembic_version"))
    assert get(port, "/readyz")[0] == 503


def test_waiting_for_a_late_database_is_progress(
    harness: Harness, cable: Proxy, program: Program
) -> None:
    """Killing a process that is not live would only make it wait again."""
    cable.cut()
    number = free_port()
    url = harness.settings.database_url
    late = url.replace(f":{urlsplit(url).port}/", f":{cable.port}/")
    process = program.start(
        "work",
        KEHU_DATABASE_URL=late,
        KEHU_AMQP_URL="amqp://notes:nothing@127.0.0.1:1/",
        KEHU_PROBE_BIND=f"127.0.0.1:{number}",
    )
    program.wait_for(process, "waiting for the database: ")
    for loop in ("consume", "relay", "jobs"):
        metric = f'last_progress_timestamp_seconds{{loop="{loop}"}} 1'
        until(lambda: metric in get(number, "/metrics")[1], what=metric)  # noqa: B023
    assert program.stop(process) == 0


def test_a_failed_loop_ends_the_process(harness: Harness, vhost: Vhost, program: Program) -> None:
    """An error in our code ends `consume`; `work` without it would be incomplete."""
    types = [on.type for on in harness.service.subscriptions()]
    _amqp.declare(vhost.url, [], declared("notes", types))
    with harness.session() as session:
        session.execute(text("DROP TABLE failed_event"))
    process = program.start("work", KEHU_AMQP_URL=vhost.login("notes", types))
    assert process.wait(30) == 1
    messages = [line["event"] for line in program.lines(process) if line["level"] == "critical"]
    assert len(messages) == 1 and messages[0].startswith("consume ended: (psycopg.errors.Undefined")


def test_a_login_that_all_services_share_is_visible(
    harness: Harness, vhost: Vhost, program: Program
) -> None:
    """In the log of each start, readiness and metrics; without the switch nothing starts."""
    ended = program.run("work", KEHU_AMQP_URL=vhost.url)
    assert ended.returncode == 78 and "set KEHU_AMQP_SHARED_LOGIN=true" in ended.stderr
    number = free_port()
    process = program.start(
        "work",
        KEHU_AMQP_URL=vhost.url,
        KEHU_AMQP_SHARED_LOGIN="true",
        KEHU_PROBE_BIND=f"127.0.0.1:{number}",
    )
    program.wait_for(process, "KEHU_AMQP_SHARED_LOGIN: all services publish as ")
    until(lambda: get(number, "/readyz")[0] == 200)
    assert "all services share one login" in get(number, "/readyz")[1]
    assert measured(number, "amqp_shared_login") == 1
    assert program.stop(process) == 0


def test_outbox_and_failed_events_are_measured(harness: Harness, boss: User, port: int) -> None:
    harness.as_(boss).post("/notes", {"title": "x"}, 201)
    harness.inbox.handle([b"{"])
    _status, text_ = get(port, "/metrics")
    assert "outbox_pending 2.0" in text_
    assert 'failed_events{state="dead"} 1.0' in text_
    assert "outbox_oldest_seconds " in text_
    assert get(port, "/anything-else")[0] == 404


def test_the_database_is_measured(fragile: Database, port: int) -> None:
    with fragile.session(SYSTEM) as session:
        session.execute(text("SELECT 1"))
        started = time.monotonic()  # after the begin of the transaction
        until(lambda: time.monotonic() - started > 1)
        assert measured(port, "db_pool_in_use") == 1
        assert 1 <= measured(port, "db_oldest_transaction_seconds") < 60
    assert measured(port, "db_pool_in_use") == 0
    assert measured(port, "db_pool_size") >= 1
    assert 2 <= measured(port, "db_connections") < measured(port, "db_max_connections")
    assert measured(port, "db_size_bytes") > 1e6


def test_workers_share_their_metrics(harness: Harness, program: Program) -> None:
    number = free_port()
    process = program.start(
        "api", KEHU_BIND=f"127.0.0.1:{number}", KEHU_WORKERS="2", KEHU_DRAIN_SECONDS="0"
    )
    until(lambda: get(number, "/readyz")[0] == 200)
    counter = 'http_requests_total{code="200",method="GET",route="/healthz",service="notes"}'
    before = measured(number, counter) if counter in get(number, "/metrics")[1] else 0
    for _ in range(40):
        get(number, "/healthz")
    for _ in range(10):
        assert measured(number, counter) == before + 40
    assert program.stop(process) == 0


def measured(port: int, name: str) -> float:
    """The value of one metric."""
    lines = get(port, "/metrics")[1].splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(f"{name} ")))


def test_work_runs_all_loops_and_stops(
    harness: Harness, vhost: Vhost, program: Program, boss: User
) -> None:
    """One process: consume, relay and jobs; its log contains no payload and no password."""
    types = [on.type for on in harness.service.subscriptions()]
    queues = declared("notes", types)
    _amqp.declare(vhost.url, [], queues)
    number = free_port()
    process = program.start(
        "work", KEHU_AMQP_URL=vhost.login("notes", types), KEHU_PROBE_BIND=f"127.0.0.1:{number}"
    )
    harness.as_(boss).post("/notes", {"title": "Confidential title"}, 201)
    counted = harness.envelope("other.thing-counted.v1", {"note": "Confidential note"})
    vhost.publish(counted, b'{"Confidential', key="other.thing-counted.v1")
    happened = {"do": "refuse", "note": "Confidential"}
    vhost.publish(harness.envelope("other.thing-happened.v1", happened))
    until(lambda: vhost.ready("unrouted") == 2, what="the note's events, which have no receiver")
    until(lambda: _effects(harness) == 1 and len(harness.failed()) == 2)
    assert get(number, "/healthz")[0] == get(number, "/readyz")[0] == 200
    assert program.stop(process) == 0
    lines = program.lines(process)
    assert "started consume, relay, jobs" in [line["event"] for line in lines]
    assert all(line["service"] == "notes" and line["process"] == "work" for line in lines)
    log = json.dumps(lines)
    assert "refused on request" in log and "Confidential" not in log
    assert harness.settings.database_url.split(":")[2].split("@")[0] not in log


def _effects(harness: Harness) -> int:
    with harness.session() as session:
        return len(session.scalars(select(Effect)).all())


def test_a_request_is_logged_without_its_content(
    harness: Harness, boss: User, caplog: pytest.LogCaptureFixture
) -> None:
    client = harness.as_(boss)
    with caplog.at_level("INFO"):
        client.post("/notes", {"title": "Confidential"}, 201, idempotency_key="secret-key")
        client.get("/notes?q=Confidential")
        client.expect(422, "POST", "/notes", {"title": "Confidential", "oops": 1})
        client.expect(500, "GET", "/notes/break")
    requests = [record for record in caplog.records if record.message == "request"]
    assert [record.__dict__["status"] for record in requests] == [201, 200, 422, 500]
    assert requests[0].__dict__["user_id"] == str(boss.id)
    assert requests[0].__dict__["route"] == "/api/v1/notes/notes"
    logged = json.dumps([{k: str(v) for k, v in r.__dict__.items()} for r in requests])
    for word in ("Confidential", "Bearer", "eyJ", "secret-key"):
        assert word not in logged
