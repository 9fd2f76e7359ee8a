"""Refusals are reported to the auth service in batches, without delaying requests."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.tests.conftest import World
from gateway.tests.support import INTERNAL_KEY, Auth, wait_for
from kehu_chassis.identity import tally
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
        "count": 1,
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
    monkeypatch.setattr(refusals, "Tally", lambda *_: tally.Tally(1000, 1000))
    return Refusals(auth.url, "key", batch_seconds=0.01)


def _refusal(number: int, **changes: Any) -> dict[str, Any]:
    """A refusal of an operation of its own."""
    refusal = {
        "caller_id": None,
        "method": "GET",
        "path": f"/{number}",
        "operation": f"operation-{number}",
        "permission": "thing:read",
        "record_type": "thing",
        "record_id": str(number),
        "status": 401,
        "code": "unauthenticated",
        "address": "192.0.2.7",
        "request_id": f"request-{number}",
    }
    return refusal | changes


def _numbers(auth: Auth) -> list[int]:
    return [int(entry["path"][1:]) for entry in auth.refusals]


def test_a_burst_is_sent_in_few_batches(auth: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = _queue(auth, monkeypatch)
    for number in range(250):
        queue.add(_refusal(number))
    queue.start()
    wait_for(lambda: len(auth.refusals) == 250)
    assert _numbers(auth) == list(range(250))
    assert sum(request.target == "/auth/refusals" for request in auth.requests) == 3
    queue.close()


def test_refusals_wait_while_auth_is_down(auth: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = _queue(auth, monkeypatch)
    auth.refusals_status = 503
    queue.start()
    queue.add(_refusal(1))
    wait_for(lambda: sum(r.target == "/auth/refusals" for r in auth.requests) >= 2)
    assert auth.refusals == []
    auth.refusals_status = 204
    wait_for(lambda: auth.refusals)
    assert _numbers(auth) == [1]
    queue.close()


def test_a_full_queue_drops_the_oldest(auth: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MAX_WAITING", 5)
    before = _dropped()
    queue = _queue(auth, monkeypatch)
    for number in range(8):
        queue.add(_refusal(number))
    queue.close()
    assert _numbers(auth) == [3, 4, 5, 6, 7]
    assert _dropped() - before == 3


def test_rejected_refusals_are_dropped(auth: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _dropped()
    queue = _queue(auth, monkeypatch)
    auth.refusals_status = 401
    queue.add(_refusal(1))
    queue.close()
    assert _dropped() - before == 1


@pytest.fixture
def minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """All happens within one minute."""
    monkeypatch.setattr(refusals, "Tally", lambda *bounds: tally.Tally(*bounds, clock=lambda: 90.0))


def _reported(auth: Auth, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is reported of these refusals of one minute."""
    queue = Refusals(auth.url, "key")
    for refusal in given:
        queue.add(refusal)
    queue.close()
    return auth.refusals


def test_refusals_of_one_kind_are_one_entry_with_their_number(auth: Auth, minute: None) -> None:
    hosts = [f"2001:db8::{n:x}" for n in range(500)]
    given = [_refusal(n, operation="list", address=host) for n, host in enumerate(hosts)]
    first, others = _reported(auth, given)
    assert (first["path"], first["count"]) == ("/0", 1)
    assert (others["path"], others["count"]) == ("/1", 499)


def test_the_next_minute_has_entries_of_its_own(
    auth: Auth, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [90.0]
    monkeypatch.setattr(refusals, "Tally", lambda *_: tally.Tally(clock=lambda: now[0]))
    queue = Refusals(auth.url, "key", batch_seconds=0.01)
    queue.start()
    for _ in range(3):
        queue.add(_refusal(1))
    now[0] = 120.0
    queue.add(_refusal(1))
    wait_for(lambda: len(auth.refusals) == 3)
    assert sorted(entry["count"] for entry in auth.refusals) == [1, 1, 2]
    queue.close()
    assert len(auth.refusals) == 3


@pytest.mark.parametrize("varied", ["operation", "code", "address", "all"])
def test_whatever_strangers_vary_entries_are_bounded(auth: Auth, minute: None, varied: str) -> None:
    def vary(number: int) -> dict[str, Any]:
        every = {
            "operation": f"operation-{number}",
            "code": f"code-{number}",
            "address": f"10.{number // 250}.{number % 250}.1",
        }
        given = every if varied == "all" else {varied: every[varied]}
        return _refusal(number, **({"operation": "list"} | given))

    seen = _reported(auth, [vary(number) for number in range(3000)])
    assert sum(entry["count"] for entry in seen) == 3000
    assert (
        len(seen) <= 2 * (tally.EACH + 1)
        if varied in ("operation", "code")
        else 2 * (tally.MOST + 1)
    )
    assert max(entry["count"] for entry in seen if entry["code"] == "others") > 2000


def test_strangers_do_not_crowd_out_people(auth: Auth, minute: None) -> None:
    strangers = [_refusal(n, address=f"10.0.{n}.1") for n in range(200)]
    person = {"caller_id": "01920000-0000-7000-8000-000000000007", "code": "forbidden"}
    records = [_refusal(n, operation="show", **person) for n in range(3)]
    seen = [entry for entry in _reported(auth, strangers + records) if entry["caller_id"]]
    assert [(entry["record_id"], entry["count"]) for entry in seen] == [
        (str(n), 1) for n in range(3)
    ]


def _dropped() -> float:
    return refusals.metrics.REFUSALS_DROPPED._value.get()
