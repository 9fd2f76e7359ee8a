"""The gateway's own pages: the merged API description and its documentation, offline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import swagger_ui_bundle
from flask import Flask, Response, request, send_from_directory
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from kehu_chassis.problems import CONTENT_TYPE, Problem
from kehu_chassis.texts import language_of
from kehu_gateway import headers
from kehu_gateway.merged import as_3_0, merge
from kehu_gateway.routes import Contracts, Router
from kehu_gateway.texts import TEXTS

# The page's own scripts and styles only; it sets style attributes and icons from data URLs.
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kehu API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START = """window.ui = SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  validatorUrl: null,
});
"""
_ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")


def is_page(path: str) -> bool:
    """Whether the path is a page of the gateway and not of a service."""
    return path in ("/docs", "/openapi.json") or path.startswith("/docs/")


def create_pages(contracts: Contracts) -> Flask:
    """Return the Flask application for the gateway's own pages."""
    app = Flask("kehu_gateway", static_folder=None)
    assets = next(Path(swagger_ui_bundle.__path__[0]).glob("vendor/swagger-ui-*"))
    merged = _CachedDocument(contracts, _merged)
    rendered = _CachedDocument(contracts, lambda router: as_3_0(_merged(router)))

    @app.get("/openapi.json")
    def openapi() -> Response:
        return merged.response()

    @app.get("/docs")
    def docs() -> Response:
        return Response(_PAGE, mimetype="text/html")

    @app.get("/docs/start.js")
    def start_script() -> Response:
        return Response(_START, mimetype="text/javascript")

    @app.get("/docs/openapi.json")
    def openapi_for_page() -> Response:
        return rendered.response()

    @app.get("/docs/<name>")
    def asset(name: str) -> Response:
        if name not in _ASSETS:
            raise Problem(404, "not-found")
        return send_from_directory(assets, name, max_age=86400)

    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _http_error)
    app.after_request(_secured)
    return app


def _merged(router: Router) -> dict[str, Any]:
    return merge(router.documents, version("kehu-gateway"))


class _CachedDocument:
    """A document built once per set of contracts."""

    def __init__(self, contracts: Contracts, make: Callable[[Router], object]) -> None:
        self._contracts = contracts
        self._make = make
        self._made: tuple[Router, bytes, str] | None = None

    def response(self) -> Response:
        """Return the document as JSON; 304 if the client has it already."""
        router = self._contracts.router
        made = self._made
        if made is None or made[0] is not router:
            body = json.dumps(self._make(router), ensure_ascii=False).encode()
            made = self._made = (router, body, hashlib.sha256(body).hexdigest()[:32])
        response = Response(made[1], mimetype="application/json")
        response.set_etag(made[2])
        response.cache_control.no_cache = True
        response.make_conditional(request)
        return response


def _problem(problem: Problem) -> Response:
    language = language_of(request.headers.get("Accept-Language"))
    body = problem.body(TEXTS, language=language, request_id=headers.request_id(request.environ))
    return Response(body, problem.status, problem.headers, content_type=CONTENT_TYPE)


def _http_error(error: HTTPException) -> BaseResponse:
    if error.code == 405:
        allowed = getattr(error, "valid_methods", None) or ()
        return _problem(
            Problem(
                405,
                "method-not-allowed",
                params={"method": request.method[:20]},
                headers={"Allow": ", ".join(sorted(allowed))},
            )
        )
    if error.code == 404:
        return _problem(Problem(404, "not-found"))
    return BaseResponse(status=error.code, headers=list(error.get_headers()))


def _secured(response: Response) -> Response:
    for name, value in headers.SECURITY_HEADERS:
        response.headers.setdefault(name, value)
    if request.path.startswith("/docs"):
        response.headers["Content-Security-Policy"] = _DOCS_POLICY
    response.headers["X-Request-Id"] = headers.request_id(request.environ)
    return response
