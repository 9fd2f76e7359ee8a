"""The peak figures of an installation during an experiment: for G8."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import docker
import docker.errors
import requests

from tests.support.compose import Installation

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
        client = docker.from_env()
        try:
            while not over.is_set():
                self._measure(client)
                over.wait(EVERY_SECONDS)
            self._measure(client)
        finally:
            client.close()

    def _measure(self, client: Any) -> None:
        names = {name for each in self.installation.containers().values() for name in each}
        for name in sorted(names):
            # A container that was just killed has no figures.
            try:
                used = client.api.stats(name, stream=False, one_shot=True)["memory_stats"]
            except (docker.errors.APIError, requests.RequestException):
                continue
            if "limit" in used:
                detail = used["stats"]
                spare = next((detail[key] for key in RECLAIMABLE if key in detail), 0)
                share = (used["usage"] - spare) / used["limit"]
                self.memory[name] = max(self.memory[name], share)
        for queue, number in UNACKED.findall(self.installation.broker_metrics(QUEUES)):
            self.unacked[queue] = max(self.unacked[queue], int(number))
        self.samples += 1
