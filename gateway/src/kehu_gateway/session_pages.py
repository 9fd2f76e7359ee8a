"""Signing in and out with a browser: auth decides, the gateway keeps the secret in a cookie.

The operations are described in ``own.openapi.json`` and routed like those of the services.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable

from kehu_chassis.identity.tokens import unauthenticated
from kehu_chassis.problems import Problem
from kehu_gateway import headers
from kehu_gateway.context import RequestContext
from kehu_gateway.cookies import Cookie
from kehu_gateway.proxy import Answer
from kehu_gateway.responses import Environ, StartResponse, respond
from kehu_gateway.sessions import Sessions


class SessionPages:
    """The gateway's own operations."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._pages = {
            "begin_session": self._begin,
            "change_session_password": self._change_password,
            "end_session": self._end,
        }

    def respond(
        self, environ: Environ, context: RequestContext, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Respond to a request that has been decided."""
        assert context.operation is not None
        page = self._pages[context.operation.id]
        return page(environ, context, start_response)

    def _begin(
        self, environ: Environ, context: RequestContext, start_response: StartResponse
    ) -> Iterable[bytes]:
        cookie = context.browser.cookie
        if cookie is None:
            raise Problem(403, "https-required")
        answer = self._sessions.begin(context, environ["wsgi.input"].read())
        if answer.code == 200 and context.secret is not None:
            # The browser forgets its secret now, so nobody could end that session later.
            with contextlib.suppress(Problem):
                self._sessions.end(context, context.secret)
        return _signed_in(environ, context, start_response, cookie, answer)

    def _change_password(
        self, environ: Environ, context: RequestContext, start_response: StartResponse
    ) -> Iterable[bytes]:
        cookie = context.browser.cookie
        if cookie is None or context.secret is None:
            raise unauthenticated()
        body = environ["wsgi.input"].read()
        answer = self._sessions.change_password(context, context.secret, body)
        return _signed_in(environ, context, start_response, cookie, answer)

    def _end(
        self, environ: Environ, context: RequestContext, start_response: StartResponse
    ) -> Iterable[bytes]:
        if context.secret is not None:
            answer = self._sessions.end(context, context.secret)
            if answer.code >= 400:
                return _passed_on(context, start_response, answer)
        context.status = 204
        cookie = context.browser.cookie
        cleared = [("Set-Cookie", cookie.cleared())] if cookie else []
        return respond(environ, start_response, "204 No Content", b"", cleared, context.request_id)


def _signed_in(
    environ: Environ,
    context: RequestContext,
    start_response: StartResponse,
    cookie: Cookie,
    answer: Answer,
) -> Iterable[bytes]:
    if answer.code != 200:
        return _passed_on(context, start_response, answer)
    begun = json.loads(answer.body)
    body = json.dumps(begun["me"], ensure_ascii=False).encode()
    extra = [
        ("Content-Type", "application/json"),
        ("Set-Cookie", cookie.written(begun["secret"])),
    ]
    context.status = 200
    return respond(environ, start_response, "200 OK", body, extra, context.request_id)


def _passed_on(
    context: RequestContext, start_response: StartResponse, answer: Answer
) -> Iterable[bytes]:
    """A refusal in auth's own words."""
    context.status = answer.code
    start_response(answer.status, headers.from_service(answer.headers, context.request_id))
    return (answer.body,)
