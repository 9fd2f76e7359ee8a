"""Hashing: whole passwords, equal effort, bounded parallelism."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice

import argon2
import pytest

from kehu_auth.features.passwords import service
from kehu_chassis.problems import Problem


def test_a_password_matches_only_its_hash() -> None:
    kept = service.hash_new("correct horse", names=["x"])
    assert service.verify("correct horse", kept)
    assert not service.verify("correct horsf", kept)
    assert "correct" not in kept


def test_long_passwords_are_not_truncated() -> None:
    long = "staple " * 18
    kept = service.hash_new(long + "c1", names=["x"])
    assert service.verify(long + "c1", kept)
    assert not service.verify(long + "c2", kept)


def test_other_keyboards_type_the_same_password() -> None:
    kept = service.hash_new("ｃｏｒｒｅｃｔ　ｈｏｒｓｅ", names=["x"])
    assert service.verify("correct horse", kept)


def test_the_dummy_costs_what_a_real_hash_costs() -> None:
    real = argon2.extract_parameters(service.hash_new("correct horse", names=["x"]))
    assert argon2.extract_parameters(service.DUMMY) == real
    assert real.type is argon2.Type.ID
    assert (real.memory_cost, real.time_cost, real.parallelism) == (19456, 2, 1)


def test_a_missing_hash_never_matches_at_the_same_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = service._fits
    monkeypatch.setattr(service, "_fits", lambda p, kept: (seen.append(kept), real(p, kept))[1])
    assert not service.verify("anything", None)
    assert seen == [service.DUMMY]


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Counts how many hashes run at once; each waits until as many as allowed are running."""
    running, most = 0, [0]
    lock = threading.Lock()
    full = threading.Event()

    def fits(_password: str, _kept: str) -> bool:
        nonlocal running
        with lock:
            running += 1
            most[0] = max(most[0], running)
            if running == service.PARALLEL:
                full.set()
        full.wait(5)
        with lock:
            running -= 1
        return False

    monkeypatch.setattr(service, "_fits", fits)
    yield most


def test_few_hashes_run_at_once(busy: list[int]) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: service.verify("x", None), range(20)))
    assert busy == [service.PARALLEL]


@pytest.mark.parametrize(("threads", "count"), [(1, 1), (2, 1), (3, 1), (4, 2), (8, 4)])
def test_half_of_the_threads_may_wait_for_hashes(threads: int, count: int) -> None:
    places = service.Places(threads)
    release = threading.Event()

    def hash_slowly() -> bool:
        return places.hash(lambda: release.wait(30))

    with ThreadPoolExecutor(20) as pool:
        try:
            found = [pool.submit(hash_slowly) for _ in range(20)]
            refused = list(islice(as_completed(found, timeout=30), 20 - count))
        finally:
            release.set()
    for each in refused:
        with pytest.raises(Problem) as caught:
            each.result()
        assert (caught.value.status, caught.value.code) == (503, "sign-in-busy")
        assert caught.value.headers["Retry-After"] == "1"
    assert sum(each.exception() is None for each in found) == count
    assert places.hash(lambda: True), "all places are free again"


def test_a_thread_needs_one_place_however_often_it_hashes() -> None:
    places = service.Places(2)
    with places.hold():
        assert places.hash(lambda: 1) == places.hash(lambda: 1)
    with pytest.raises(ValueError), places.hold():
        raise ValueError
    with places.hold():
        pass
