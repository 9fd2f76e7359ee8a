"""Builds the Flask application of a service from its description."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING, Any

import marshmallow as ma
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response, g, request
from flask_smorest import Api
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from kehu_chassis import problems
from kehu_chassis.data import database as db
from kehu_chassis.data.database import Database, new_id
from kehu_chassis.data.schemas import component_name
from kehu_chassis.identity import refusals
from kehu_chassis.messaging.events import correlation_id, traceparent
from kehu_chassis.observability import metrics, tracing
from kehu_chassis.observability.exposition import CONTENT_TYPE, exposition
from kehu_chassis.problems import Problem
from kehu_chassis.records.refusals import RefusalLog
from kehu_chassis.runtime import launcher, migrate
from kehu_chassis.runtime.service import Service
from kehu_chassis.strictjson import storable
from kehu_chassis.web import dead_letters
from kehu_chassis.web.blueprint import language
from kehu_chassis.web.openapi import required, units

if TYPE_CHECKING:
    from kehu_chassis.identity.authority import Authority

log = logging.getLogger(__name__)

MAX_BODY = launcher.MAX_BODY
_TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
_HTTP_CODES = {
    400: "bad-request",
    404: "not-found",
    406: "not-acceptable",
    413: "payload-too-large",
    414: "uri-too-long",
    415: "unsupported-media-type",
}


def create_app(service: Service, database: Database | None, authority: Authority | None) -> Flask:
    """The WSGI application.  Without database and authority it can only be documented."""
    app = Flask(service.package, static_folder=None)
    app.config.update(
        API_TITLE=f"Kehu {service.name}",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        MAX_CONTENT_LENGTH=MAX_BODY,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["kehu.service"] = service
    app.extensions["kehu.database"] = database
    app.extensions["kehu.authority"] = authority
    app.extensions["kehu.refusals"] = RefusalLog(database) if database else None
    app.extensions["kehu.texts"] = service.texts()
    app.extensions["kehu.operations"] = service.operations()

    names = MarshmallowPlugin(schema_name_resolver=component_name)
    api = Api(app, spec_kwargs={"marshmallow_plugin": names})
    assert names.converter is not None  # since the Api initialised it
    for function in (required.mark_sometimes, units.describe):
        names.converter.add_attribute_function(function)  # type: ignore[no-untyped-call]
    # Decimals are sent as text, so that no client turns them into binary fractions.
    api.register_field(ma.fields.Decimal, "string", None)
    app.extensions["kehu.api"] = api
    api.DEFAULT_ERROR_RESPONSE_NAME = None  # documented as problem+json by `openapi.document`
    service.load_models()
    for blueprint in [*service.blueprints(), dead_letters.blueprint(service)]:
        api.register_blueprint(blueprint, url_prefix=_prefix(service, blueprint))
    tracing.instrument(app)  # before `_begin`, which reads the span
    app.before_request(_begin)
    app.after_request(_finish)
    _register_errors(app)
    _add_health(app, service, migrate.Readiness(service, database) if database else None)
    if service.setup is not None:
        service.setup(app)
    return app


def _prefix(service: Service, blueprint: Any) -> str:
    own: str = blueprint.url_prefix or ""
    # An absolute prefix is for the few URLs outside the public API, such as the JWKS.
    if own.startswith("//"):
        return own[1:].rstrip("/")
    return f"/api/v1/{service.name}{own}"


def _begin() -> None:
    g.started = time.monotonic()
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if tracing.REQUEST_ID.fullmatch(given) else str(new_id())
    correlation_id.set(g.request_id)
    trace = request.headers.get("traceparent", "")
    traceparent.set(tracing.current() or (trace if _TRACEPARENT.match(trace) else ""))
    if not storable(request.path):
        raise problems.not_found()


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    _measure(response)
    return response


def _measure(response: Response) -> None:
    from flask import current_app

    service = current_app.extensions["kehu.service"].name
    route = request.url_rule.rule if request.url_rule else "(none)"
    seconds = time.monotonic() - g.get("started", time.monotonic())
    metrics.REQUESTS.labels(service, route, request.method, response.status_code).inc()
    metrics.REQUEST_SECONDS.labels(service, route).observe(seconds)
    if route not in ("/healthz", "/readyz"):
        who = g.get("actor")
        log.info(
            "request",
            extra={
                "method": request.method,
                "route": route,
                "status": response.status_code,
                "duration_ms": round(seconds * 1000, 1),
                "request_id": g.get("request_id"),
                "trace_id": traceparent.get()[3:35] or None,
                "user_id": str(who.id) if who else None,
            },
        )


def _register_errors(app: Flask) -> None:
    def respond(problem: Problem) -> Response:
        chosen = language()
        response = Response(
            problem.body(
                app.extensions["kehu.texts"], language=chosen, request_id=g.get("request_id")
            ),
            status=problem.status,
            content_type=problems.CONTENT_TYPE,
        )
        response.headers.update(problem.headers)
        response.headers["Content-Language"] = chosen
        return response

    def on_problem(problem: Problem) -> Response:
        if problem.status == 403:
            _record_refusal(app, problem)
        return respond(problem)

    def on_http(error: HTTPException) -> Response:
        return respond(_from_http(error))

    def on_exception(error: Exception) -> Response:
        problem = _from_database(error)
        if problem is None:
            log.exception("unhandled error", extra={"request_id": g.get("request_id")})
            problem = Problem(500, "internal-error")
        return respond(problem)

    app.register_error_handler(Problem, on_problem)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(Exception, on_exception)


def _from_http(error: HTTPException) -> Problem:
    status = error.code or 500
    headers = {}
    if status == 405:
        allowed = getattr(error, "valid_methods", None) or []
        headers["Allow"] = ", ".join(sorted(allowed))
        return Problem(
            405, "method-not-allowed", params={"method": request.method}, headers=headers
        )
    if isinstance(error, RequestEntityTooLarge):
        return Problem(413, "payload-too-large", params={"limit": MAX_BODY})
    if status >= 500:
        log.error("%s", error)
        return Problem(500, "internal-error")
    return Problem(status, _HTTP_CODES.get(status, "bad-request"))


def _from_database(error: Exception) -> Problem | None:
    if isinstance(error, PoolTimeout) or db.is_unreachable(error) or db.is_retriable(error):
        return problems.dependency_down("the database")
    if isinstance(error, StaleDataError):
        return problems.stale_version()
    if isinstance(error, IntegrityError):
        # Use cases check first and report the field; this catches concurrent requests. Never log
        # the error itself: PostgreSQL quotes the values, which are personal data.
        diagnosis = getattr(error.orig, "diag", None)
        log.warning("%s rejected a change", getattr(diagnosis, "constraint_name", "a constraint"))
        return Problem(409, "conflict")
    state = getattr(getattr(error, "orig", None), "sqlstate", "") or ""
    if isinstance(error, DBAPIError) and state in ("55P03", "57014"):
        return problems.dependency_down("the database")
    return None


def _record_refusal(app: Flask, problem: Problem) -> None:
    recorded: RefusalLog | None = app.extensions["kehu.refusals"]
    who = g.get("actor")
    if recorded is None or who is None or who.kind == "anonymous":
        return
    view: Any = app.view_functions[request.endpoint or ""]
    parameters = {name: str(value) for name, value in (request.view_args or {}).items()}
    record_type, record_id = refusals.record_of(view.kehu_access, parameters)
    recorded.add(who, code=problem.code, record_type=record_type, record_id=record_id)


def _add_health(app: Flask, service: Service, readiness: migrate.Readiness | None) -> None:
    def healthz() -> Response:
        return Response("ok\n", content_type="text/plain")

    def readyz() -> Response:
        if launcher.draining():
            return Response("draining\n", status=503, content_type="text/plain")
        assert readiness is not None, "without a database the application is only documented"
        reason = readiness.reason()
        return Response(
            f"{reason or 'ready'}\n",
            status=503 if reason else 200,
            content_type="text/plain",
            # Identifies the service to a client that connects by address.
            headers={"X-Kehu-Service": service.name},
        )

    def measured() -> Response:
        return Response(exposition(), content_type=CONTENT_TYPE)

    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/metrics", "metrics", measured)
