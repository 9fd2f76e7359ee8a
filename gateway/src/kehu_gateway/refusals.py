"""Reports refusals in batches to the auth service, which keeps the audit trail.

Reporting must never slow down requests: the queue is bounded, and overflow is dropped and counted.
"""

from __future__ import annotations

import datetime
import json
import logging
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

import urllib3

from kehu_gateway import metrics

MAX_WAITING = 2000
MAX_BATCH = 100
BATCH_SECONDS = 1.0
RETRY_SECONDS = 5.0

_log = logging.getLogger("kehu.gateway.refusals")


class Refusals:
    """A bounded queue and the thread that empties it."""

    def __init__(
        self, auth_url: str, internal_key: str, *, batch_seconds: float = BATCH_SECONDS
    ) -> None:
        self._url = f"{auth_url}/auth/refusals"
        self._headers = {
            "Authorization": f"Bearer {internal_key}",
            "Content-Type": "application/json",
        }
        self._batch_seconds = batch_seconds
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=1.0, read=3.0), retries=False, maxsize=1
        )
        self._waiting: deque[Mapping[str, Any]] = deque()
        self._lock = threading.Lock()
        self._filled = threading.Event()
        self._closed = threading.Event()

    def add(self, refusal: Mapping[str, Any]) -> None:
        """Queue a refusal that happened now; drop the oldest if the queue is full."""
        occurred_at = datetime.datetime.now(datetime.UTC).isoformat()
        with self._lock:
            if len(self._waiting) >= MAX_WAITING:
                self._waiting.popleft()
                metrics.REFUSALS_DROPPED.inc()
            self._waiting.append({"occurred_at": occurred_at, **refusal})
        self._filled.set()

    def start(self) -> None:
        """Start sending in the background."""
        threading.Thread(target=self._run, name="refusals", daemon=True).start()

    def close(self) -> None:
        """Stop the thread and send what is left, if the auth service accepts it at once."""
        self._closed.set()
        self._filled.set()
        while self._waiting and self._send():
            pass

    def _run(self) -> None:
        while not self._closed.is_set():
            self._filled.wait()
            # Wait a little longer, so that a burst becomes one batch and not many.
            if self._closed.wait(self._batch_seconds):
                return
            self._filled.clear()
            while self._waiting:
                if not self._send() and self._closed.wait(RETRY_SECONDS):
                    return

    def _send(self) -> bool:
        """Send one batch; False if it has to be retried."""
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
        if not batch:
            return True
        try:
            body = json.dumps({"refusals": batch}).encode()
            status = self._http.request("POST", self._url, body=body, headers=self._headers).status
        except urllib3.exceptions.HTTPError:
            status = 0
        if 200 <= status < 300:
            metrics.REFUSALS_SENT.inc(len(batch))
            return True
        if 400 <= status < 500 and status not in (408, 429):
            # It will never be accepted, and would block the batches behind it.
            hint = ": is KEHU_INTERNAL_KEY the same there?" if status in (401, 403) else ""
            _log.error("the auth service rejects refusals: %s%s", status, hint)
            metrics.REFUSALS_DROPPED.inc(len(batch))
            return True
        with self._lock:
            room = max(0, MAX_WAITING - len(self._waiting))
            metrics.REFUSALS_DROPPED.inc(max(0, len(batch) - room))
            self._waiting.extendleft(reversed(batch[len(batch) - room :] if room else []))
        return False
