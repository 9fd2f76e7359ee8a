"""Refusals are reported to the auth service in batches, without delaying requests."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator

import pytest

from gateway.tests.conftest import World
from gateway.tests.support import INTERNAL_KEY, Auth, wait_for
from kehu_gateway import refusals
from kehu_gateway.refusals import Refusals

THINGS = "/api/v1/alpha/things"


def test_refusals_are_reported_with_all_details(build: Callable[..., World]) -> None:
    world = build()
    token = world.auth.token("reader", sub="01920000-0000-7000-8000-000000000007")
    request_id = {"X-Request-Id": "request-0001"}
    world.gateway.request("POST", f"{THINGS}?secret=1", token, request_id, body=b"{}")
    world.gateway.get(THINGS)
    world.gateway.get(THINGS, "forged")
    world.gateway.get("/api/v1/alpha/unknown")
    world.gateway.get(THINGS, token)
    reported = wait_for(lambda: len(world.auth.refusals) == 3 and world.auth.refusals, "3 refusals")
    assert world.auth.refusal_keys == {f"Bearer {INTERNAL_KEY}"}
    occurred = datetime.datetime.fromisoformat(reported[0].pop("occurred_at"))
    assert occurred.tzinfo is not None
    assert reported[0] == {
        "caller_id": "01920000-0000-7000-8000-000000000007",
        "method": "POST",
        "path": THINGS,
        "operation": "alpha.create",
        "permission": "thing:write",
        "record_type": "thing",
        "record_id": None,
        "status": 403,
        "code": "forbidden",
        "address": "127.0.0.1",
        "request_id": "request-0001",
    }
    assert [(entry["code"], entry["caller_id"]) for entry in reported[1:]] == [
        ("unauthenticated", None),
        ("invalid-token", None),
    ]
    assert token not in json.dumps(reported)


def test_refusals_name_the_record(build: Callable[..., World]) -> None:
    world = build()
    world.gateway.request("DELETE", f"{THINGS}/%E5%AE%A2-7", world.auth.token("reader"))
    (refusal,) = wait_for(lambda: world.auth.refusals, "a refusal")
    assert (refusal["record_type"], refusal["record_id"]) == ("thing", "客-7")


def test_a_stopping_gateway_reports_queued_refusals(build: Callable[..., World]) -> None:
    world = build()
    world.gateway.get(THINGS)
    assert world.gateway.stop() == 0
    assert len(world.auth.refusals) == 1


@pytest.fixture
def auth() -> Iterator[Auth]:
    server = Auth()
    yield server
    server.stop()


def _queue(auth: Auth, monkeypatch: pytest.MonkeyPatch) -> Refusals:
    monkeypatch.setattr(refusals, "RETRY_SECONDS", 0.05)
    return Refusals(auth.url, "key", batch_seconds=0.01)


def test_a_burst_is_sent_in_few_batches(auth: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = _queue(auth, monkeypatch)
    for number in range(250):
        queue.add({"number": number})
    queue.start()
    wait_for(lambda: len(auth.refusals) == 250)
    assert [entry["number"] for entry in auth.refusals] == list(range(250))
    assert sum(request.target == "/auth/refusals" for request in auth.requests) == 3
    queue.close()


def test_refusals_wait_while_auth_is_down(auth: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = _queue(auth, monkeypatch)
    auth.refusals_status = 503
    queue.start()
    queue.add({"number": 1})
    wait_for(lambda: sum(r.target == "/auth/refusals" for r in auth.requests) >= 2)
    assert auth.refusals == []
    auth.refusals_status = 204
    wait_for(lambda: auth.refusals)
    assert [entry["number"] for entry in auth.refusals] == [1]
    queue.close()


def test_a_full_queue_drops_the_oldest(auth: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MAX_WAITING", 5)
    before = _dropped()
    queue = _queue(auth, monkeypatch)
    for number in range(8):
        queue.add({"number": number})
    queue.close()
    assert [entry["number"] for entry in auth.refusals] == [3, 4, 5, 6, 7]
    assert _dropped() - before == 3


def test_rejected_refusals_are_dropped(auth: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _dropped()
    queue = _queue(auth, monkeypatch)
    auth.refusals_status = 401
    queue.add({"number": 1})
    queue.close()
    assert _dropped() - before == 1


def _dropped() -> float:
    return refusals.metrics.REFUSALS_DROPPED._value.get()
