"""Handlers that follow the instructions in the event, such as to fail."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import event as on_event
from sqlalchemy.orm import Session

from kehu_chassis.data import database as db
from kehu_chassis.messaging.events import Received
from kehu_sample.features.notes import service
from kehu_sample.features.notes.models import Effect


def happened(session: Session, event: Received) -> None:
    session.add(Effect(handler="happened", event_id=event.id))
    session.flush()
    _follow(session, event)


def noticed(session: Session, event: Received) -> None:
    if event.data.get("twice"):
        session.add(Effect(handler="noticed", event_id=event.id))


def counted(session: Session, events: Sequence[Received]) -> None:
    session.add_all([Effect(handler="counted", event_id=event.id) for event in events])
    session.flush()
    for event in events:
        _follow(session, event)


def sold(session: Session, event: Received) -> None:
    session.add(Effect(handler="sold", event_id=event.id))


def _follow(session: Session, event: Received) -> None:
    instruction = event.data.get("do")
    if instruction:
        _INSTRUCTIONS[instruction](session, event.data)


def _refuse(_session: Session, data: dict[str, Any]) -> None:
    if not ("marker" in data and Path(data["marker"]).exists()):
        raise ValueError("refused on request\nand a second line")


def _fail_in_sql(session: Session, data: dict[str, Any]) -> None:
    service.fail_in_sql(session, state=data["state"], times=data["times"])


def _die(session: Session, data: dict[str, Any]) -> None:
    if _is_first(data):
        os.kill(os.getpid(), signal.SIGKILL)


def _die_after_commit(session: Session, data: dict[str, Any]) -> None:
    if _is_first(data):
        on_event.listen(session, "after_commit", lambda _s: os.kill(os.getpid(), signal.SIGKILL))


def _wait(session: Session, data: dict[str, Any]) -> None:
    db.advisory_lock(session, "wait")


def _is_first(data: dict[str, Any]) -> bool:
    """Whether this is the first time; always true without a marker."""
    if "marker" not in data:
        return True
    marker = Path(data["marker"])
    if marker.exists():
        return False
    marker.touch()
    return True


_INSTRUCTIONS: dict[str, Callable[[Session, dict[str, Any]], None]] = {
    "refuse": _refuse,
    "fail-in-sql": _fail_in_sql,
    "die": _die,
    "die-after-commit": _die_after_commit,
    "wait": _wait,
}
