"""Reports refusals in batches to the auth service, which keeps the audit trail.

They are summed up first (`kehu_chassis.identity.tally`), so that no caller can fill the trail.
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

from kehu_chassis.identity.addresses import host_of
from kehu_chassis.identity.tally import EACH_PERSON, MOST_OF_PEOPLE, Sum, Tally
from kehu_gateway import metrics

MAX_WAITING = 2000
MAX_BATCH = 100
BATCH_SECONDS = 1.0
RETRY_SECONDS = 5.0

# What an entry says of refusals that have no more in common than their minute.
_MIXED: Mapping[str, Any] = {
    "method": "*", "path": "*", "operation": None, "permission": None, "record_type": "request",
    "record_id": None, "code": "others",
}  # fmt: skip
_ANYONE: Mapping[str, Any] = {"caller_id": None, "address": None}

Refusal = Mapping[str, Any]

_log = logging.getLogger("kehu.gateway.refusals")


class Refusals:
    """The sums of refusals, a bounded queue, and the thread that empties both."""

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
        # Separate, so that strangers cannot crowd out what people were refused.
        self._people: Tally[Refusal] = Tally(MOST_OF_PEOPLE, EACH_PERSON)
        self._strangers: Tally[Refusal] = Tally()
        self._waiting: deque[Refusal] = deque()
        self._lock = threading.Lock()
        self._filled = threading.Event()
        self._closed = threading.Event()

    def add(self, refusal: Refusal) -> None:
        """Count a refusal that happened now; the first of its kind in this minute is queued."""
        occurred_at = datetime.datetime.now(datetime.UTC).isoformat()
        caller = refusal["caller_id"]
        # What people were refused is recorded for each record; strangers may invent records.
        what = [refusal["operation"], refusal["code"], refusal["record_id"] if caller else ""]
        tally = self._people if caller else self._strangers
        who = caller or host_of(refusal["address"] or "")
        first = tally.add(who, "|".join(map(str, what)), {"occurred_at": occurred_at, **refusal})
        if first is not None:
            self._queue(_entry(first))
        self._filled.set()

    def _queue(self, entry: Refusal) -> None:
        """Queue an entry; drop the oldest if the queue is full."""
        with self._lock:
            if len(self._waiting) >= MAX_WAITING:
                self._waiting.popleft()
                metrics.REFUSALS_DROPPED.inc()
            self._waiting.append(entry)

    def _take(self, *, unfinished: bool = False) -> None:
        """Queue the sums of past minutes, and of the present one if ``unfinished``."""
        for tally in (self._people, self._strangers):
            for found in tally.take(unfinished=unfinished):
                self._queue(_entry(found))

    def _due_in(self) -> float | None:
        waits = [tally.due_in() for tally in (self._people, self._strangers)]
        return min((wait for wait in waits if wait is not None), default=None)

    def start(self) -> None:
        """Start sending in the background."""
        threading.Thread(target=self._run, name="refusals", daemon=True).start()

    def close(self) -> None:
        """Stop the thread and send what is left, if the auth service accepts it at once."""
        self._closed.set()
        self._filled.set()
        self._take(unfinished=True)
        while self._waiting and self._send():
            pass

    def _run(self) -> None:
        while not self._closed.is_set():
            self._filled.wait(self._due_in())
            # Wait a little longer, so that a burst becomes one batch and not many.
            if self._closed.wait(self._batch_seconds):
                return
            self._filled.clear()
            self._take()
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


def _entry(found: Sum[Refusal]) -> Refusal:
    known = {**found.item, **(_MIXED if found.mixed else {}), **(_ANYONE if found.anyone else {})}
    return {**known, "count": found.count}
