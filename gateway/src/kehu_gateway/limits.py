"""Rate limits in memory: one token bucket per caller or per address."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from kehu_chassis.problems import Problem

MAX_BUCKETS = 20_000


class RateLimit:
    """Allows each key ``rate`` requests a second, and ``burst`` at once after an idle time."""

    def __init__(
        self, rate: float, burst: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def spend(self, key: str) -> None:
        """Take one token of the key; Problem 429 with Retry-After if there is none."""
        now = self._clock()
        with self._lock:
            tokens, then = self._buckets.get(key, (self._burst, now))
            tokens = min(self._burst, tokens + (now - then) * self._rate)
            allowed = tokens >= 1
            if len(self._buckets) >= MAX_BUCKETS and key not in self._buckets:
                self._forget_fullest(now)
            self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        if not allowed:
            seconds = max(1, math.ceil((1 - tokens) / self._rate))
            raise Problem(
                429,
                "too-many-requests",
                params={"seconds": seconds},
                headers={"Retry-After": str(seconds)},
            )

    def _forget_fullest(self, now: float) -> None:
        """Drop half of the buckets, the fullest: whoever was refused stays refused, however many
        new keys a stranger invents."""

        def tokens_now(item: tuple[str, tuple[float, float]]) -> float:
            tokens, then = item[1]
            return tokens + (now - then) * self._rate

        emptiest = sorted(self._buckets.items(), key=tokens_now)
        self._buckets = dict(emptiest[: MAX_BUCKETS // 2])
