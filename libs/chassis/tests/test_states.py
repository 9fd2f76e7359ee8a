"""State events: one for each record that a transaction changes, with the committed version."""

from __future__ import annotations

from typing import Any

import pytest
from kehu_sample.features.notes.models import Note
from sqlalchemy import update

from kehu_chassis.actor import SYSTEM
from kehu_chassis.data.database import Database
from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.contracts import ContractError
from kehu_chassis.messaging.events import Event
from kehu_chassis.records import fact, states
from kehu_chassis.testing import Harness, User

CHANGED, DELETED = "notes.note-changed.v1", "notes.note-deleted.v1"


def published(harness: Harness, event_type: str = CHANGED) -> list[tuple[int, dict[str, Any]]]:
    return [(e["aggregateversion"], e["data"]) for e in harness.published(event_type)]


def new_note(harness: Harness, title: str = "one") -> Note:
    with harness.session() as session:
        note = Note(title=title)
        session.add(note)
    return note


def test_creating_changing_and_deleting_is_published(harness: Harness) -> None:
    note = new_note(harness)
    with harness.session() as session:
        session.get_one(Note, note.id).title = "two"
    with harness.session() as session:
        session.delete(session.get_one(Note, note.id))
    ident = str(note.id)
    assert published(harness) == [
        (1, {"id": ident, "title": "one", "amount": None}),
        (2, {"id": ident, "title": "two", "amount": None}),
    ]
    assert published(harness, DELETED) == [(3, {"id": ident})]


def test_a_transaction_with_several_flushes_publishes_one_state(harness: Harness) -> None:
    note = new_note(harness)
    with harness.session() as session:
        found = session.get_one(Note, note.id)
        for title in ("two", "three"):
            found.title = title
            session.flush()
    assert [(version, data["title"]) for version, data in published(harness)] == [
        (1, "one"),
        (3, "three"),
    ]


def test_a_change_of_an_internal_column_is_published_without_it(harness: Harness) -> None:
    note = new_note(harness)
    with harness.session() as session:
        session.get_one(Note, note.id).rank = 7
    version, data = published(harness)[-1]
    assert version == 2 and set(data) == {"id", "title", "amount"}


def test_unchanged_and_rolled_back_records_are_not_published(harness: Harness) -> None:
    note = new_note(harness)
    with harness.session() as session:
        session.get_one(Note, note.id).title = "one"
    with pytest.raises(RuntimeError, match="stop"), harness.session() as session:
        session.get_one(Note, note.id).title = "two"
        session.flush()
        raise RuntimeError("stop")
    assert len(published(harness)) == 1


def test_a_fact_has_the_committed_version(harness: Harness, boss: User) -> None:
    note = new_note(harness)
    with harness.session() as session:
        found = session.get_one(Note, note.id)
        by = boss.id
        outbox.add(session, lambda: fact("notes.note-archived.v1", found, archived_by=by))
        found.title = "changed after the fact was added"
    assert published(harness, "notes.note-archived.v1") == [
        (2, published(harness)[-1][1] | {"archived_by": str(boss.id)})
    ]


def test_a_contract_error_names_the_record_and_the_field(harness: Harness) -> None:
    note = new_note(harness)
    both = f"Note {note.id}: notes.note-archived.v1.*archived_by"
    with pytest.raises(ContractError, match=both), harness.session() as session:
        found = session.get_one(Note, note.id)
        outbox.add(session, lambda: fact("notes.note-archived.v1", found))
    with harness.session() as session:
        assert session.get_one(Note, note.id).version == 1


def test_a_bulk_statement_on_a_published_model_is_rejected(harness: Harness) -> None:
    note = new_note(harness)
    statement = update(Note).values(title="all the same")
    with pytest.raises(RuntimeError, match="bulk statement on Note"), harness.session() as session:
        session.execute(statement)
    with harness.session() as session:
        session.execute(statement, execution_options={"state_published": True})
        session.expire_all()
        states.add(session, [session.get_one(Note, note.id)])
    state = {"id": str(note.id), "title": "all the same", "amount": None}
    assert published(harness)[-1] == (1, state)


def test_publishing_in_a_plain_session_raises(harness: Harness) -> None:
    url = harness.settings.database_url
    plain = Database(url, service="notes", pool=1, application="test")
    with plain.session(SYSTEM) as session, pytest.raises(RuntimeError, match="cannot publish"):
        outbox.add(session, Event(CHANGED, "s", 1, {}))
    plain.dispose()


def test_resync_publishes_the_state_of_every_record(harness: Harness) -> None:
    note = new_note(harness)
    with harness.database.session(SYSTEM) as session:
        (event,) = harness.service.snapshots(session)
    assert (event.type, event.subject, event.version) == (CHANGED, str(note.id), 1)
