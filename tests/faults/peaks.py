"""The peak figures of an installation during an experiment: for G8."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import docker
import docker.errors
import requests

from tests.support.compose import Installation

AT_ONCE = 32
EVERY_SECONDS = 3.0
# Memory that the kernel can reclaim at once; its name depends on the version of control groups.
RECLAIMABLE = ("total_inactive_file", "inactive_file")
UNACKED = re.compile(
    r'^rabbitmq_detailed_queue_messages_unacked\{[^}]*queue="([^"]+)"[^}]*\} (\d+)', re.MULTILINE
)
QUEUES = "/metrics/detailed?family=queue_coarse_metrics"


@dataclass
class Peaks:
    """The peak memory share of each container and unacknowledged messages of each queue."""

    installation: Installation
    memory: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    unacked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    samples: int = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Measure every three seconds, and once more at the end."""
        over = threading.Event()
        thread = threading.Thread(target=self._watch, args=(over,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(60)

    def _watch(self, over: threading.Event) -> None:
        client = docker.from_env(max_pool_size=AT_ONCE)
        try:
            # The engine may take a second for the figures of each container.
            with ThreadPoolExecutor(AT_ONCE) as pool:
                while not over.is_set():
                    self._measure(client, pool)
                    over.wait(EVERY_SECONDS)
                self._measure(client, pool)
        finally:
            client.close()

    def _measure(self, client: Any, pool: ThreadPoolExecutor) -> None:
        names = sorted({name for each in self.installation.containers().values() for name in each})
        shares = pool.map(lambda name: _memory_share(client, name), names)
        for name, share in zip(names, shares, strict=True):
            self.memory[name] = max(self.memory[name], share)
        for queue, number in UNACKED.findall(self.installation.broker_metrics(QUEUES)):
            self.unacked[queue] = max(self.unacked[queue], int(number))
        self.samples += 1


def _memory_share(client: Any, name: str) -> float:
    """The share of its memory that a container uses; 0 for one that was just killed."""
    try:
        used = client.api.stats(name, stream=False, one_shot=True)["memory_stats"]
    except (docker.errors.APIError, requests.RequestException):
        return 0.0
    if "limit" not in used:
        return 0.0
    detail = used["stats"]
    spare = next((detail[key] for key in RECLAIMABLE if key in detail), 0)
    return float((used["usage"] - spare) / used["limit"])
