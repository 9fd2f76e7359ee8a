"""Refusals in the audit trail: summed up, so that no caller can fill it."""

from __future__ import annotations

import atexit
import logging
import threading
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.data.database import NIL, Database
from kehu_chassis.identity.addresses import host_of
from kehu_chassis.identity.tally import EACH_PERSON, MOST_OF_PEOPLE, Sum, Tally
from kehu_chassis.records import audit

log = logging.getLogger(__name__)

_ANYONE = Actor(id=NIL, kind="anonymous", scope=lambda _permission: None)


@dataclass(frozen=True)
class Refusal:
    """A refused request, with the context in which its entry is written: operation, request id."""

    actor: Actor
    action: str
    record_type: str
    record_id: UUID | str | None
    code: str
    changes: tuple[dict[str, Any], ...]
    context: Context


class RefusalLog:
    """Records the refusals of one process: the first of a kind at once, the others each minute.

    What is not recorded yet when a process is killed is lost: the numbers of one minute.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        # Separate, so that strangers cannot crowd out what people were refused.
        self._people: Tally[Refusal] = Tally(MOST_OF_PEOPLE, EACH_PERSON)
        self._strangers: Tally[Refusal] = Tally()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        atexit.register(self.close)

    def add(
        self,
        actor: Actor,
        *,
        code: str,
        action: str = "refused",
        record_type: str,
        record_id: UUID | str | None = None,
        address: str | None = None,
    ) -> None:
        """Record or count a refusal; ``address`` is that of an anonymous caller.

        It is no reason to fail that this is not possible at the moment.
        """
        changes = [] if address is None else [_detail("address", address)]
        refusal = Refusal(
            actor, action, record_type, record_id, code, tuple(changes), copy_context()
        )
        what = "|".join((audit.operation.get(), action, code, record_type, str(record_id)))
        anonymous = actor.kind == "anonymous"
        tally = self._strangers if anonymous else self._people
        first = tally.add(host_of(address or "") if anonymous else str(actor.id), what, refusal)
        if first is not None:
            self._record(first)
        self._wake()

    def record_due(self, *, unfinished: bool = False) -> None:
        """Record the sums of past minutes, and of the present one if ``unfinished``."""
        for tally in (self._people, self._strangers):
            for found in tally.take(unfinished=unfinished):
                if not self._record(found):
                    return  # nor could the next, and each attempt takes seconds

    def close(self) -> None:
        """Record what is left."""
        atexit.unregister(self.close)
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
        self.record_due(unfinished=True)

    def _wake(self) -> None:
        """Wake up when the next sum is complete; only while one waits."""
        with self._lock:
            if self._timer is not None and self._timer.is_alive():
                return
            due = [
                each for t in (self._people, self._strangers) if (each := t.due_in()) is not None
            ]
            if due:
                self._timer = threading.Timer(min(due) + 0.01, self._on_timer)
                self._timer.daemon = True
                self._timer.start()

    def _on_timer(self) -> None:
        self.record_due()
        with self._lock:
            self._timer = None
        self._wake()

    def _record(self, found: Sum[Refusal]) -> bool:
        refusal = found.item

        def work(session: Session) -> None:
            audit.note(
                session,
                action=refusal.action,
                record_type="request" if found.mixed else refusal.record_type,
                record_id=None if found.mixed else refusal.record_id,
                outcome="refused",
                code="others" if found.mixed else refusal.code,
                changes=_details(found),
            )

        actor = _ANYONE if found.anyone else refusal.actor
        if found.mixed:
            refusal.context.run(audit.operation.set, "")
        try:
            refusal.context.run(self._database.run, actor, work)
        except SQLAlchemyError:  # also the pool's, when no connection is free
            log.warning("a refusal could not be recorded")
            return False
        return True


def _details(found: Sum[Refusal]) -> list[dict[str, Any]]:
    details = [] if found.anyone else list(found.item.changes)
    return details if found.count == 1 else [*details, _detail("count", found.count)]


def _detail(field: str, value: Any) -> dict[str, Any]:
    return {"field": field, "old": None, "new": value}
