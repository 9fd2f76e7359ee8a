"""The outbox: an event exists if and only if the change was committed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy
import time_machine
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from kehu_chassis.data.database import new_id
from kehu_chassis.messaging import events, outbox
from kehu_chassis.messaging.contracts import ContractError
from kehu_chassis.messaging.events import Event
from kehu_chassis.messaging.outbox import OutboxRow
from kehu_chassis.testing import Harness, User

TYPE = "notes.note-changed.v1"


def changed(**data: object) -> Event:
    return Event(TYPE, "the-note", 4, {"id": new_id(), "title": "上海", **data})


def test_published_events_are_cloud_events(harness: Harness) -> None:
    now = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    context = f"00-{'a' * 32}-{'b' * 16}-01"
    events.traceparent.set(context)
    events.correlation_id.set("request-1")
    with time_machine.travel(now, tick=False), harness.session() as session:
        outbox.add(session, changed())
    events.traceparent.set("")
    events.correlation_id.set("")
    with harness.session() as session:
        row = session.scalars(select(OutboxRow)).one()
    envelope = json.loads(row.body)
    assert envelope | {"data": None} == {
        "specversion": "1.0",
        "id": str(row.id),
        "source": "/kehu/notes",
        "type": TYPE,
        "subject": "the-note",
        "time": "2026-11-21T02:00:00Z",
        "dataschema": "/contracts/events/notes/note-changed/v1.schema.json",
        "datacontenttype": "application/json",
        "aggregateversion": 4,
        "correlationid": "request-1",
        "traceparent": context,
        "data": None,
    }
    assert UUID(envelope["id"]).version == 7
    assert (row.type, row.subject, row.sent_at, row.created_at) == (TYPE, "the-note", None, now)
    assert row.traceparent == context
    assert harness.contracts.check_incoming(TYPE, envelope["data"]) is None


def test_an_event_without_a_request_is_its_own_correlation_id(harness: Harness) -> None:
    with harness.session() as session:
        outbox.add(session, changed())
    (envelope,) = harness.published()
    assert envelope["correlationid"] == envelope["id"]


def test_events_are_written_in_order_by_one_statement(harness: Harness) -> None:
    statements: list[str] = []
    sqlalchemy.event.listen(
        harness.database.engine,
        "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )
    with harness.session() as session:
        outbox.add(session, changed(title="1"))
        session.flush()
        outbox.add_all(session, [changed(title="2"), changed(title="3")])
        outbox.add(session, changed(title="4"))
    assert [event["data"]["title"] for event in harness.published()] == ["1", "2", "3", "4"]
    assert sum("INSERT INTO outbox" in statement for statement in statements) == 1


def test_a_rolled_back_change_publishes_nothing(harness: Harness) -> None:
    with pytest.raises(ZeroDivisionError), harness.session() as session:
        outbox.add(session, changed())
        session.flush()
        raise ZeroDivisionError
    assert harness.published() == []


def test_an_invalid_event_rolls_back_the_change(harness: Harness, boss: User) -> None:
    with pytest.raises(ContractError, match="colour"), harness.session() as session:
        outbox.add(session, changed())
        outbox.add(session, changed(colour="red"))
    assert harness.published() == []


def test_each_change_through_http_publishes_one_event(harness: Harness, boss: User) -> None:
    client = harness.as_(boss)
    note = client.post("/notes", {"title": "one"}, 201)
    client.expect(200, "PATCH", f"/notes/{note['id']}", {"title": "two"}, if_match=1)
    client.expect(412, "PATCH", f"/notes/{note['id']}", {"title": "three"}, if_match=1)
    published = [(e["aggregateversion"], e["data"]["title"]) for e in harness.published(TYPE)]
    assert published == [(1, "one"), (2, "two")]


def test_backlog_replay_and_purge(harness: Harness) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        with harness.session() as session:
            for _ in range(3):
                outbox.add(session, changed())
        clock.shift(90)
        with harness.session() as session:
            assert outbox.backlog(session) == (3, 90.0)
            rows = session.scalars(select(OutboxRow).order_by(OutboxRow.position)).all()
            for days, row in enumerate(rows):
                row.sent_at = start + timedelta(days=days)
        with harness.session() as session:
            assert outbox.backlog(session) == (0, 0.0)
        assert outbox.replay(harness.database, start + timedelta(days=2)) == 1
        with harness.session() as session:
            assert outbox.backlog(session)[0] == 1
        # Its age is the database's: a jobs process whose clock is wrong deletes nothing.
        with harness.session() as session:
            rows[0].sent_at = func.now() - timedelta(days=7, hours=1)
            rows[1].sent_at = func.now() - timedelta(days=6, hours=23)
            session.add_all(rows[:2])
        clock.move_to(datetime.now(UTC) + timedelta(days=300))
        with harness.session() as session:
            assert outbox.purge(session) == 1
    assert len(harness.published()) == 2


def test_replaying_goes_in_batches_and_ends(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a busy week a single statement would time out; the relay sends meanwhile."""
    monkeypatch.setattr(outbox, "REPLAYED_AT_ONCE", 2)
    send = text("UPDATE outbox SET sent_at = clock_timestamp() WHERE sent_at IS NULL")
    with harness.session() as session:
        for _ in range(5):
            outbox.add(session, changed())
    with harness.session() as session:
        session.execute(send)
    batches: list[int] = []
    some = outbox._replay_some

    def relayed_at_once(session: Session, *period: datetime) -> int:
        batches.append(some(session, *period))
        assert len(batches) < 9, "it never ends"
        session.execute(send)
        return batches[-1]

    monkeypatch.setattr(outbox, "_replay_some", relayed_at_once)
    assert outbox.replay(harness.database, datetime.now(UTC) - timedelta(hours=1)) == 5
    assert batches == [2, 2, 1, 0]


def test_the_callers_trace_context_is_passed_on(harness: Harness, boss: User) -> None:
    """Also if this process does not trace: others may."""
    context = f"00-{'a' * 32}-{'b' * 16}-01"
    harness.as_(boss).post("/notes", {"title": "x"}, 201, traceparent=context)
    harness.as_(boss).post("/notes", {"title": "y"}, 201, traceparent="nonsense")
    events_ = harness.published("notes.note-changed.v1")
    assert [event.get("traceparent") for event in events_] == [context, None]
