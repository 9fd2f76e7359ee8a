"""Sessions of browsers: the secret of a cookie becomes an access token, which no browser sees.

Tokens are kept in memory under the hash of the secret until shortly before they expire.  This is a
cache and no state: whatever is lost is exchanged again, and the policy voids what is kept.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitedTooLong
from typing import NamedTuple

from kehu_chassis.identity.authority import Authority
from kehu_chassis.identity.policy import Caller
from kehu_chassis.identity.tokens import refused
from kehu_chassis.problems import Problem, dependency_down
from kehu_gateway import headers
from kehu_gateway.context import RequestContext
from kehu_gateway.limits import RateLimit
from kehu_gateway.proxy import Answer, Proxy
from kehu_gateway.services import RETRY_AFTER

SPARE_SECONDS = 30.0  # a token that expires sooner is exchanged
WAIT_SECONDS = 5.0
MAX_TOKENS = 20_000
MAX_RENEWALS = 2

_PATH = "/auth/browser-sessions"


class _Kept(NamedTuple):
    token: str
    until: float


class Sessions:
    """Begins, continues and ends the sessions of browsers."""

    def __init__(
        self,
        proxy: Proxy,
        authority: Authority,
        addresses: RateLimit,
        internal_key: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._proxy = proxy
        self._authority = authority
        self._addresses = addresses
        self._internal_key = internal_key
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._under_way: dict[str, Future[str]] = {}

    def authenticate(self, context: RequestContext, secret: str) -> Caller:
        """The caller whose session it is; Problem 401 if it is over, 503 if nobody knows.

        From now on the context has the token.
        """
        token = self._token(context, secret)
        for _ in range(MAX_RENEWALS):
            try:
                caller = self._authority.authenticate(token)
                break
            except Problem as problem:
                if problem.status != 401:
                    raise
            # The session may have ended, or only its token is void, as the roles have changed.
            token = self._other_token(context, secret, token)
        else:
            caller = self._authority.authenticate(token)
        self._use(context, secret, token)
        return caller

    def begin(self, context: RequestContext, body: bytes) -> Answer:
        """Ask auth to sign in with this body."""
        return self._ask(context, "", body=body)

    def change_password(self, context: RequestContext, secret: str, body: bytes) -> Answer:
        """Ask auth to replace the password, which ends the session and begins another."""
        answer = self._ask(context, "/password", secret, body)
        if answer.code == 200:
            self._forget(secret)
        return answer

    def end(self, context: RequestContext, secret: str) -> Answer:
        """Ask auth to end the session."""
        answer = self._ask(context, "/end", secret, repeatable=True)
        if answer.code < 400:
            self._forget(secret)
        return answer

    def _use(self, context: RequestContext, secret: str, token: str) -> None:
        context.authorization = f"Bearer {token}"

        def renew() -> None:
            self._use(context, secret, self._other_token(context, secret, token))

        context.renew = renew

    def _token(self, context: RequestContext, secret: str) -> str:
        key = _hash(secret)
        kept = self._kept.get(key)
        if kept is not None and kept.until > self._clock():
            return kept.token
        with self._lock:
            waiting = self._under_way.get(key)
            own: Future[str] = Future()
            if waiting is None:
                self._under_way[key] = own
        if waiting is not None:
            return _result(waiting)
        try:
            own.set_result(self._exchange(context, secret, key))
        except BaseException as error:
            own.set_exception(error)
        finally:
            with self._lock:
                del self._under_way[key]
        return _result(own)

    def _other_token(self, context: RequestContext, secret: str, void: str) -> str:
        """A token in place of one that is no longer accepted."""
        key = _hash(secret)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept.token == void:  # and not what another request has got
                del self._kept[key]
        return self._token(context, secret)

    def _exchange(self, context: RequestContext, secret: str, key: str) -> str:
        # Like public requests, as anybody may invent secrets.
        self._addresses.spend(context.client.host)
        try:
            answer = self._ask(context, "/exchange", secret, repeatable=True)
        except Problem as problem:
            raise problem if problem.status == 503 else _unknown() from None
        if answer.code == 401:
            raise refused("session-ended")
        if answer.code != 200:
            raise _unknown()
        found = json.loads(answer.body)
        until = self._clock() + found["expires_in"] - SPARE_SECONDS
        self._keep(key, _Kept(found["access_token"], until))
        token: str = found["access_token"]
        return token

    def _keep(self, key: str, kept: _Kept) -> None:
        with self._lock:
            if len(self._kept) >= MAX_TOKENS:
                now = self._clock()
                live = {key: each for key, each in self._kept.items() if each.until > now}
                # The oldest are at the beginning.
                spare = max(0, len(live) - MAX_TOKENS // 2)
                self._kept = dict(list(live.items())[spare:])
            self._kept.pop(key, None)
            self._kept[key] = kept

    def _forget(self, secret: str) -> None:
        with self._lock:
            self._kept.pop(_hash(secret), None)

    def _ask(
        self,
        context: RequestContext,
        path: str,
        secret: str | None = None,
        body: bytes = b"",
        *,
        repeatable: bool = False,
    ) -> Answer:
        lines = headers.to_auth(context.browser.environ, context.client, context.request_id)
        lines.append(headers.proof(self._internal_key, context.client, context.request_id))
        lines.append(f"Authorization: Bearer {self._internal_key}")
        if body:
            lines.append("Content-Type: application/json")
        if secret is not None:
            lines.append(f"X-Kehu-Secret: {secret}")
        return self._proxy.ask("auth", f"{_PATH}{path}", lines, body, repeatable=repeatable)


def _result(future: Future[str]) -> str:
    try:
        return future.result(WAIT_SECONDS)
    except WaitedTooLong:
        raise _unknown() from None
    except Problem as problem:
        # Each of the waiting requests has a problem of its own.
        raise Problem(
            problem.status, problem.code, params=problem.params, headers=problem.headers
        ) from None


def _unknown() -> Problem:
    """Auth cannot say now whether the session is over: that is no 401, which would sign out."""
    return dependency_down("auth", RETRY_AFTER)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
