"""State events: read from the session, one for each record that a transaction changes.

A record that declares `PublishedState` is collected when it is flushed, and its state is read after
the last flush, so that no use case can forget the event and its version is the committed one. Facts
(a note was archived, by whom) stay explicit: see `fact`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextvars import Context, copy_context
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import ORMExecuteState, Session

from kehu_chassis.data import amounts
from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.events import Event
from kehu_chassis.messaging.versions import Versions, owned
from kehu_chassis.records.record import PublishedState, Record

_BATCH = 500
_OWN = frozenset({"updated_at", "updated_by", "version", "search_text", "search_grams"})


@dataclass(frozen=True)
class _Change:
    record: Record
    deleted: bool
    context: Context  # of the request or event that first changed it


def collect(session: Session) -> None:
    """Collect the records that are about to be written or deleted."""
    for record in session.new:
        _collect(session, record)
    for record in session.dirty:
        if session.is_modified(record, include_collections=False):
            _collect(session, record)
    for record in session.deleted:
        _collect(session, record, deleted=True)


def add(session: Session, records: Iterable[Record]) -> None:
    """Publish the state of records that a bulk statement has written."""
    for record in records:
        _collect(session, record)


def publish(session: Session) -> None:
    """Put the states of all changed records into the outbox; after the last flush."""
    changes = session.info.pop("states", {})
    for change in changes.values():
        event = _deletion(change.record) if change.deleted else event_of(change.record)
        if event is not None:
            outbox.add(session, event, context=change.context)


def discard(session: Session) -> None:
    """Drop the collected records, after a rollback."""
    session.info.pop("states", None)


def event_of(record: Record) -> Event:
    """The event of a record's current state."""
    declared = _declared(record)
    if declared.deleted_at is not None and getattr(record, declared.deleted_at) is not None:
        assert declared.deleted is not None
        # With its state, as it may be restored: readers that show its name need not have seen it.
        return _event(declared.deleted, record, state_of(record))
    return _event(declared.event, record, state_of(record))


def fact(event_type: str, record: Record, **own: Any) -> Event:
    """An event about a record: its state, and the fact's own fields.

    Add it to the outbox as a function, so that it is created from the committed state::

        outbox.add(session, lambda: fact("notes.note-archived.v1", note, by=actor.id))
    """
    return _event(event_type, record, state_of(record) | own)


def state_of(record: Record) -> dict[str, Any]:
    """The public state of a record: its columns without the internal ones, and its amounts in the
    decimals of their currencies."""
    exact = amounts.shown(record)
    return {name: exact.get(name, getattr(record, name)) for name in public_columns(_model(record))}


@cache
def public_columns(model: Any) -> tuple[str, ...]:
    """The columns that a model publishes."""
    declared = model.__state__
    assert declared is not None, f"{model.__name__} declares no published state"
    return tuple(
        column.key
        for column in inspect(model).columns
        if column.key not in _OWN
        and column.key not in declared.inside
        and not column.info.get("audit_secret")
    )


def snapshots(session: Session, model: type[Record]) -> Iterator[Event]:
    """The current state of every record of a model, for services that rebuild their replica."""
    query = select(model).order_by(model.id).execution_options(yield_per=_BATCH)
    for record in session.scalars(query):
        yield event_of(record)


def versions(model: type[Record]) -> Versions:
    """The versions of the records of a model."""
    declared = model.__state__
    assert declared is not None
    rows = select(model.id, model.version)
    if declared.deleted_at is not None:
        rows = rows.add_columns(getattr(model, declared.deleted_at).is_not(None))
    return owned(declared.event, rows)


def reject_bulk(execution: ORMExecuteState) -> None:
    """Reject a bulk statement on a published model, as the change would not be published.

    Statements that change nothing public, or whose records are published with `add`, declare
    ``execution_options(state_published=True)``.
    """
    if not (execution.is_insert or execution.is_update or execution.is_delete):
        return
    mapper = execution.bind_mapper
    model = mapper.class_ if mapper is not None else None
    if getattr(model, "__state__", None) is None:
        return
    if not execution.execution_options.get("state_published"):
        assert model is not None
        raise RuntimeError(
            f"a bulk statement on {model.__name__}, whose state is published: change the records,"
            " or publish them and set state_published=True"
        )


def _collect(session: Session, record: Any, *, deleted: bool = False) -> None:
    if getattr(record, "__state__", None) is None:
        return
    collected: dict[int, _Change] = session.info.setdefault("states", {})
    known = collected.get(id(record))
    if known is None or deleted:
        context = known.context if known else copy_context()
        collected[id(record)] = _Change(record, deleted, context)


def _deletion(record: Record) -> Event | None:
    """The deletion event, one version past the last state, so that it is newer than all before."""
    declared = _declared(record)
    if declared.deleted is None:
        return None
    version = record.version + 1
    return Event(declared.deleted, str(record.id), version, {"id": record.id}, record)


def _event(event_type: str, record: Record, data: dict[str, Any]) -> Event:
    return Event(event_type, str(record.id), record.version, data, record)


def _model(record: Record) -> Any:
    return type(record)


def _declared(record: Record) -> PublishedState:
    declared = type(record).__state__
    assert declared is not None
    return declared
