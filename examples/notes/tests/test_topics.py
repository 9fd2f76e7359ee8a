"""A topic that somebody has just made elsewhere can be named at once."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from kehu_chassis.data.database import new_id
from kehu_chassis.messaging import replica
from kehu_chassis.testing import Harness, User


class Places:
    """The places of threads that wait, which report when one is taken."""

    def __init__(self, count: int) -> None:
        self._places = threading.BoundedSemaphore(count)
        self.taken = threading.Semaphore(0)

    def acquire(self, *, blocking: bool) -> bool:
        found = self._places.acquire(blocking=blocking)
        if found:
            self.taken.release()
        return found

    def release(self) -> None:
        self._places.release()


@pytest.fixture
def places(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> Places:
    """One place, in which a request waits for long."""
    places = Places(1)
    monkeypatch.setattr(replica, "WAIT_SECONDS", 60.0)
    monkeypatch.setattr(replica, "_places", places)
    return places


def test_a_topic_whose_event_is_on_its_way_is_waited_for(harness: Harness, places: Places) -> None:
    writer, topic = harness.user("writer"), new_id()
    with ThreadPoolExecutor(1) as pool:
        response = pool.submit(_write, harness, writer, topic)
        assert places.taken.acquire(timeout=30)
        assert not response.done()
        _deliver(harness, topic)
        assert response.result(30).json["topic_id"] == str(topic)


def test_requests_that_wait_for_nothing_hold_few_threads(harness: Harness, places: Places) -> None:
    writer, topic = harness.user("writer"), new_id()
    with ThreadPoolExecutor(1) as pool:
        waits: Future[Any] = pool.submit(_write, harness, writer, topic)
        assert places.taken.acquire(timeout=30)
        refused = _write(harness, writer, new_id())
        assert refused.json["errors"][0]["code"] == "unknown-reference"
        assert not waits.done()
        _deliver(harness, topic)
        assert waits.result(30).status_code == 201


def test_a_deleted_topic_is_not_waited_for(harness: Harness, places: Places) -> None:
    topic = new_id()
    _deliver(harness, topic)
    harness.deliver("topics.topic-deleted.v1", {"id": str(topic)}, version=2)
    assert _write(harness, harness.user("writer"), topic).status_code == 422
    assert not places.taken.acquire(blocking=False)


@pytest.mark.parametrize(
    "topic",
    [
        "00000000-0000-0000-0000-000000000000",
        "3f0c9f0e-8b1a-4c57-9d0e-1d1c6a5d2a10",
        "0199d3a5-3b36-7d1c-9c53-1d1c6a5d2a10",
    ],
)
def test_an_id_that_nobody_can_have_made_just_now_is_not_waited_for(
    harness: Harness, places: Places, topic: str
) -> None:
    assert _write(harness, harness.user("writer"), UUID(topic)).status_code == 422
    assert not places.taken.acquire(blocking=False)


def _write(harness: Harness, writer: User, topic: UUID) -> Any:
    form = {"title": "Fair", "topic_id": str(topic)}
    return harness.as_(writer).request("POST", "/notes", form)


def _deliver(harness: Harness, topic: UUID) -> None:
    data = {"id": str(topic), "name": "Fairs"}
    harness.deliver("topics.topic-changed.v1", data, version=1)
