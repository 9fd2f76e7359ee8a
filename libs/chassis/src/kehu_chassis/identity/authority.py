"""The current policy and keys, kept fresh in the background."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable

from joserfc.jwk import OKPKey

from kehu_chassis.identity.policy import Caller, Policy
from kehu_chassis.identity.sources import Copy, HttpSource, Source
from kehu_chassis.identity.tokens import AUDIENCE, ISSUER, KeySet, TokenVerifier, refused
from kehu_chassis.problems import dependency_down

REFRESH_SECONDS = 15.0
RETRY_SECONDS = 1.0
FIRST_COPY_SECONDS = 2.0
UNKNOWN_KEY_SECONDS = 30.0
FETCH_SECONDS = 1.0
MAX_CACHED_TOKENS = 4096

_log = logging.getLogger("kehu.identity")


class Authority:
    """The current policy and keys; turns a token into a caller.

    A daemon thread refreshes both every 15 s. While the source is down the last copy stays valid;
    without a copy the first requests wait at most 2 s, and then all get 503 at once.
    """

    def __init__(
        self,
        source: Source,
        *,
        issuer: str = ISSUER,
        audience: str = AUDIENCE,
        refresh_seconds: float = REFRESH_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._source = source
        self._clock = clock
        self._refresh_seconds = refresh_seconds
        self._verifier = TokenVerifier(self._find_key, issuer, audience, clock=clock)
        self._policy: Policy | None = None
        self._policy_copy: Copy | None = None
        self._keys: KeySet | None = None
        self._keys_copy: Copy | None = None
        # Verified tokens with the policy they were last checked against; cleared with every new key
        # set, because a revoked key must not live on in here.
        self._cache: dict[str, tuple[Caller, Policy]] = {}
        self._healthy = True
        self._refreshed_at: float | None = None
        self._start_lock = threading.Lock()
        self._pid: int | None = None
        self._reset_threads()

    def _reset_threads(self) -> None:
        self._closed = threading.Event()
        self._refresh_lock = threading.Lock()
        self._loaded = threading.Event()
        self._first_deadline = 0.0
        self._unknown_key_at = -math.inf

    def authenticate(self, token: str) -> Caller:
        """Verify the token and that its session has not ended; raises Problem 401 or 503."""
        policy = self.policy
        cache = self._cache
        entry = cache.get(token)
        if entry is not None and entry[0].expires_at > self._clock():
            caller = entry[0]
            if entry[1] is policy:
                return caller
        else:
            caller = self._verifier.verify(token)
        if policy.is_void(caller):
            cache.pop(token, None)
            raise refused("session-ended")
        self._remember(cache, token, caller, policy)
        return caller

    @property
    def policy(self) -> Policy:
        """The current policy; Problem 503 while none could be fetched yet."""
        if self._pid != os.getpid():
            self._start()
        if self._policy is None or self._keys is None:
            self._loaded.wait(max(0.0, self._first_deadline - time.monotonic()))
        if self._policy is None or self._keys is None:
            raise dependency_down("auth")
        return self._policy

    @property
    def age(self) -> float | None:
        """Seconds since the source last confirmed policy and keys; None if it never did."""
        at = self._refreshed_at
        return None if at is None else time.monotonic() - at

    def refresh(self) -> bool:
        """Query the source now, as the background thread does; returns whether it responded."""
        with self._refresh_lock:
            try:
                self._load_policy()
                self._load_keys()
            except Exception as error:
                self._report(False, repr(error))
                return False
            self._refreshed_at = time.monotonic()
            self._report(True, "")
        return True

    def _load_policy(self) -> None:
        known = self._policy_copy
        copy = self._source.policy(known.etag if known else None)
        if copy is None:
            return
        if known is None or copy.document != known.document:
            self._policy = Policy.from_document(copy.document)
        self._policy_copy = copy
        self._signal_loaded()

    def _load_keys(self) -> None:
        known = self._keys_copy
        copy = self._source.keys(known.etag if known else None)
        if copy is None:
            return
        if known is None or copy.document != known.document:
            self._keys = KeySet.from_document(copy.document)
            self._cache = {}
        self._keys_copy = copy
        self._signal_loaded()

    def _signal_loaded(self) -> None:
        if self._policy is not None and self._keys is not None:
            self._loaded.set()

    def _report(self, healthy: bool, reason: str) -> None:
        """Log when the source becomes unreachable or reachable, not every refresh."""
        if healthy != self._healthy:
            self._healthy = healthy
            if healthy:
                _log.info("policy and keys are fresh again")
            else:
                _log.warning("policy and keys cannot be refreshed, keeping the last: %s", reason)

    def _find_key(self, kid: str) -> OKPKey | None:
        keys = self._keys
        key = keys.find(kid) if keys else None
        if key is None and self._fetch_for_unknown_key():
            keys = self._keys
            key = keys.find(kid) if keys else None
        return key

    def _fetch_for_unknown_key(self) -> bool:
        """Fetch newer keys, but at most once per 30 s, however many invented key ids arrive.

        A request that arrives during a fetch waits for it, but not if it began over 1 s ago: a
        source that hangs must not block all threads.
        """
        since = time.monotonic() - self._unknown_key_at
        if FETCH_SECONDS <= since < UNKNOWN_KEY_SECONDS:
            return False
        free = self._refresh_lock.acquire(timeout=FETCH_SECONDS)
        try:
            now = time.monotonic()
            if now - self._unknown_key_at < UNKNOWN_KEY_SECONDS:
                # Another thread fetched while this one waited: look again, without another fetch.
                return free
            # Also when the lock is not free: its holder is fetching.
            self._unknown_key_at = now
            if free:
                self._load_keys()
            return free
        except Exception as error:
            self._report(False, repr(error))
            return False
        finally:
            if free:
                self._refresh_lock.release()

    def _remember(
        self, cache: dict[str, tuple[Caller, Policy]], token: str, caller: Caller, policy: Policy
    ) -> None:
        if len(cache) >= MAX_CACHED_TOKENS and token not in cache:
            now = self._clock()
            live = {key: entry for key, entry in list(cache.items()) if entry[0].expires_at > now}
            # Still full of live tokens: start over rather than keep an order of use.
            cache.clear()
            if len(live) < MAX_CACHED_TOKENS:
                cache.update(live)
        cache[token] = (caller, policy)

    def _start(self) -> None:
        """Start the refresher once per process; a forked child does not inherit the thread."""
        with self._start_lock:
            if self._pid == os.getpid():
                return
            if self._pid is not None:
                self._reset_threads()
                self._signal_loaded()
            self._first_deadline = time.monotonic() + FIRST_COPY_SECONDS
            thread = threading.Thread(target=self._run, name="kehu-authority", daemon=True)
            thread.start()
            self._pid = os.getpid()

    def close(self) -> None:
        """Let the background thread end; the last copy stays usable."""
        self._closed.set()

    def _run(self) -> None:
        closed = self._closed
        complete = self.refresh()
        while not closed.wait(self._refresh_seconds if complete else RETRY_SECONDS):
            complete = self.refresh()


class HttpAuthority(Authority):
    """An authority that queries the auth service at ``auth_url``."""

    def __init__(self, auth_url: str) -> None:
        super().__init__(HttpSource(auth_url))
