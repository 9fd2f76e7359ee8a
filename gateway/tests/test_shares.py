"""The share of the gateway's threads that a hanging, slow or busy service gets."""

from __future__ import annotations

import socket
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.tests.conftest import World
from gateway.tests.support import DEADLINE, Request, Response, Upstream, echo, hangs, wait_for

PUBLIC = "/api/v1/alpha/public"
OTHER = "/api/v1/beta/public"


@pytest.mark.fault("F48")
def test_a_hanging_service_leaves_threads_for_the_others(build: Callable[..., World]) -> None:
    world = build(KEHU_THREADS="8")
    world.alpha.scripts[PUBLIC] = hangs
    with ThreadPoolExecutor(40) as pool:
        waiting = [pool.submit(world.gateway.get, PUBLIC) for _ in range(40)]
        # It holds its share; further requests are refused within a second or so.
        for _ in range(6):
            assert world.alpha.waiting.acquire(timeout=DEADLINE)
        wait_for(lambda: sum(future.done() for future in waiting) == 34, "quick refusals")
        refused: list[Response] = [future.result() for future in waiting if future.done()]
        assert {(response.status, response.code) for response in refused} == {(503, "service-busy")}
        assert all(response.headers["Retry-After"] for response in refused)
        for _ in range(20):
            assert world.gateway.get(OTHER).status == 200
        world.alpha.release.set()
        assert [future.result().status for future in waiting].count(200) == 6
    world.alpha.scripts.clear()
    assert world.gateway.get(PUBLIC).status == 200


def test_a_busy_service_lets_requests_wait_their_turn(build: Callable[..., World]) -> None:
    world = build(KEHU_THREADS="8")
    pause = threading.Event()

    def responds_late(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
        pause.wait(0.02)
        return echo(upstream, sock, request)

    world.alpha.scripts[PUBLIC] = responds_late
    # Two to three times its share, so that the wait stays far below the limit on a busy machine.
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: world.gateway.get(PUBLIC).status, range(160)))
    assert statuses == [200] * 160


def test_a_slow_service_does_not_slow_down_the_others(build: Callable[..., World]) -> None:
    """Sixty clients call a service that handles eight requests at a time."""
    world = build(KEHU_THREADS="32")
    workers = threading.Semaphore(8)
    enough = world.alpha.release

    def is_slow(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
        with workers:
            enough.wait(0.5 + request.connection % 3 * 0.5)
        return echo(upstream, sock, request)

    def call_repeatedly() -> set[tuple[int, str | None]]:
        seen = set()
        while not enough.is_set():
            response = world.gateway.get(PUBLIC)
            seen.add((response.status, response.json.get("code")))
            if response.status == 503:
                enough.wait(0.5)
        return seen

    world.alpha.scripts[PUBLIC] = is_slow
    with ThreadPoolExecutor(60) as pool:
        clients = [pool.submit(call_repeatedly) for _ in range(60)]
        wait_for(lambda: len(world.alpha.requests) >= 20, "a service that holds its share")
        taken = [_seconds(lambda: world.gateway.get(OTHER)) for _ in range(15)]
        enough.set()
        seen = set().union(*(client.result() for client in clients))
    assert statistics.median(taken) < 0.5, taken
    assert seen == {(200, None), (503, "service-busy")}


def _seconds(call: Callable[[], Response]) -> float:
    started = time.monotonic()
    assert call().status == 200
    return time.monotonic() - started
