"""The job that makes records findable whose searchable texts an earlier release wrote."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from kehu_chassis.actor import SYSTEM
from kehu_chassis.data import search
from kehu_chassis.runtime.jobs import Job, JobContext

Texts = Callable[[Session, list[Any]], list[Any]]


def _own_texts(_session: Session, rows: list[Any]) -> list[Any]:
    return [search.texts_of(row, row.__searched__) for row in rows]


def job(name: str, model: Any, texts: Texts = _own_texts) -> Job:
    """The job for one model; ``texts`` gives the texts of rows that are searched by more than their
    own columns.  Without outdated rows it reads an empty index."""

    def renew(context: JobContext) -> None:
        some = partial(search.renew, model=model, texts=texts)
        while not context.stopping() and context.database.run(SYSTEM, some):
            pass

    return Job(name, renew, every=30)
