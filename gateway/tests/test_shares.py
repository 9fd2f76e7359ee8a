"""A service that hangs, is slow or is busy: what it gets of the gateway's threads."""

from __future__ import annotations

import socket
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from gateway.tests.conftest import World
from gateway.tests.support import DEADLINE, Answer, Request, Upstream, echo, hangs, wait_for

PUBLIC = "/api/v1/alpha/public"
OTHER = "/api/v1/beta/public"


@pytest.mark.fault("F48")
def test_a_hung_service_leaves_the_others_their_threads(build: Callable[..., World]) -> None:
    world = build(KEHU_THREADS="8")
    world.alpha.scripts[PUBLIC] = hangs
    with ThreadPoolExecutor(40) as pool:
        asked = [pool.submit(world.gateway.get, PUBLIC) for _ in range(40)]
        # It holds its share; what comes on top is refused within a second or so.
        for _ in range(6):
            assert world.alpha.waiting.acquire(timeout=DEADLINE)
        wait_for(lambda: sum(future.done() for future in asked) == 34, "quick refusals")
        refused: list[Answer] = [future.result() for future in asked if future.done()]
        assert {(answer.status, answer.code) for answer in refused} == {(503, "service-busy")}
        assert all(answer.headers["Retry-After"] for answer in refused)
        for _ in range(20):
            assert world.gateway.get(OTHER).status == 200
        world.alpha.let_go.set()
        assert [future.result().status for future in asked].count(200) == 6
    world.alpha.scripts.clear()
    assert world.gateway.get(PUBLIC).status == 200


def test_a_busy_service_lets_requests_wait_their_turn(build: Callable[..., World]) -> None:
    world = build(KEHU_THREADS="8")
    pause = threading.Event()

    def takes_a_while(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
        pause.wait(0.02)
        return echo(upstream, sock, request)

    world.alpha.scripts[PUBLIC] = takes_a_while
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: world.gateway.get(PUBLIC).status, range(200)))
    assert answers == [200] * 200


def test_a_slow_service_that_still_answers_leaves_the_others_quick(
    build: Callable[..., World],
) -> None:
    """It gets 20 requests a second more than it can do; those who wait for it hold no others up."""
    world = build(KEHU_THREADS="32")
    workers = threading.Semaphore(8)

    def is_slow(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
        with workers:
            upstream.let_go.wait(0.5 + request.connection % 3 * 0.5)
        return echo(upstream, sock, request)

    world.alpha.scripts[PUBLIC] = is_slow
    with ThreadPoolExecutor(100) as pool:
        asked = [pool.submit(world.gateway.get, PUBLIC) for _ in range(40)]
        taken: list[float] = []
        for _ in range(40):
            asked.append(pool.submit(world.gateway.get, PUBLIC))
            started = time.monotonic()
            assert world.gateway.get(OTHER).status == 200
            taken.append(time.monotonic() - started)
            world.alpha.let_go.wait(max(0.0, 0.05 - taken[-1]))
        world.alpha.let_go.set()
        answers = {(answer.status, answer.json.get("code")) for answer in map(_result, asked)}
    assert answers == {(200, None), (503, "service-busy")}
    assert statistics.median(taken) < 0.2, taken


def _result(asked: Future[Answer]) -> Answer:
    return asked.result()
