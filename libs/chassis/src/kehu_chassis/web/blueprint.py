"""Blueprints.  A route is always written in this order, and then makes one call::

    @blp.route("/<uuid:note_id>/archive", methods=["POST"])
    @blp.access("note:archive")
    @blp.problems(409, "wrong-state")
    @blp.arguments(schemas.Archive)
    @blp.response(200, schemas.Note)
    def archive_note(body, note_id):
        \"\"\"Archive a note.\"\"\"
        return service.archive(session(), actor(), note_id, **body)

``route`` is the edge: it authorises, rejects undeclared input, returns stored responses for
repeated Idempotency-Keys, opens the session, commits, and retries after a deadlock. A route without
``access`` cannot be registered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

import flask_smorest
import marshmallow as ma
from flask import Response, current_app, g, make_response, request, url_for
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.data import database as db
from kehu_chassis.data import people
from kehu_chassis.data.fields import require_codes
from kehu_chassis.data.sheets import TYPES, Labels
from kehu_chassis.identity.tokens import bearer_token
from kehu_chassis.problems import Problem, forbidden
from kehu_chassis.records import actions, audit, precondition
from kehu_chassis.texts import Texts, language_of
from kehu_chassis.web import etags, exports, repeats
from kehu_chassis.web.openapi import problem_codes
from kehu_chassis.web.parser import StrictParser
from kehu_chassis.web.people import name_people

View = Callable[..., Any]
OPEN = ("public", "internal")
_NEEDS_IF_MATCH = ("PUT", "PATCH", "DELETE")
_TAKES_BODY = ("POST", *_NEEDS_IF_MATCH)
_PARAMETER = re.compile(r"<[a-z]+:([a-z_]+)>")
_FILES = {"xlsx": {"type": "string", "format": "binary"}, "csv": {"type": "string"}}
_LOCATION = {"description": "The path of the new record", "schema": {"type": "string"}}


def session() -> Session:
    """The database session of this request."""
    current: Session = g.session
    return current


def actor() -> Actor:
    """The actor of this request."""
    current: Actor = g.actor
    return current


def language() -> str:
    """The language of this response: as the Accept-Language header prefers, else the caller's."""
    own = g.actor.language if "actor" in g else None
    return language_of(request.headers.get("Accept-Language"), own)


def texts() -> Texts:
    """All texts of this service."""
    found: Texts = current_app.extensions["kehu.texts"]
    return found


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A feature's routes; see the module's docstring for the order of decorators."""

    ARGUMENTS_PARSER: ClassVar[Any] = StrictParser()

    def __init__(self, name: str, import_name: str, *, url_prefix: str = "", **options: Any):
        super().__init__(name, import_name, url_prefix=url_prefix, **options)

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Serve a view at a path below the service's public prefix."""
        parent = super().route(rule, **options)

        def decorate(view: View) -> View:
            access = getattr(view, "kehu_access", None)
            if access is None:
                raise TypeError(f"{view.__module__}.{view.__name__} names no permission")
            parent(_edge(view))
            return view

        return decorate

    def access(
        self, permission: str, *, before_password_change: bool = False, if_match: bool | None = None
    ) -> Callable[[View], View]:
        """Declare who may call: a permission, ``authenticated``, ``public``, or ``internal`` (not
        in the contract, so unreachable through the gateway).

        ``if_match=False`` is for the few PUT, PATCH or DELETE routes whose target has no version.
        """

        def decorate(view: View) -> View:
            view.kehu_access = permission  # type: ignore[attr-defined]
            view.kehu_if_match = if_match  # type: ignore[attr-defined]
            view.kehu_before_password_change = before_password_change  # type: ignore[attr-defined]
            doc: dict[str, Any] = {"operationId": view.__name__, "x-permission": permission}
            if before_password_change:
                doc["x-before-password-change"] = True
            return self.doc(**doc)(view)  # type: ignore[no-any-return]

        return decorate

    def problems(self, status: int, *codes: str) -> Callable[[View], View]:
        """Declare the problem codes of the feature's own rules, also those of fields (422); goes
        after ``access``. The others follow from the declaration of the operation."""

        def decorate(view: View) -> View:
            problem_codes.declare(view, status, codes)
            return view

        return decorate

    def arguments(
        self, schema: Any, *, location: str = "json", **options: Any
    ) -> Callable[[View], View]:
        """Parse the body or, with ``location="query"``, the parameters with a strict schema."""
        require_codes(schema)
        return super().arguments(schema, location=location, **options)  # type: ignore[no-any-return]

    def export(
        self, item: type[ma.Schema], query: type[ma.Schema], *, name: str, reads: str
    ) -> Callable[[View], View]:
        """Serve a list of ``item`` as a file ``name.csv`` or ``name.xlsx``, with the filters and
        sorts of its ``query``; in place of `arguments` and `response`. The view returns a page, as
        that of the list does. The caller needs the permission that ``reads`` the list, too.
        """

        def decorate(view: View) -> View:
            @wraps(view)
            def exported(args: dict[str, Any], **path: Any) -> Response:
                if actor().scope(reads) is None:
                    raise forbidden(reads)
                return exports.respond(
                    session(),
                    lambda page_args: view(page_args, **path),
                    args,
                    item,
                    name,
                    Labels(texts(), language(), {}),
                )

            documented = self.doc(**{"x-reads": reads})(self.files(exported))
            for status, codes in exports.PROBLEMS.items():
                problem_codes.declare(documented, status, codes)
            return self.arguments(exports.query_of(query), location="query")(documented)

        return decorate

    def files(self, view: View) -> View:
        """Document that a view returns a file for spreadsheets, of either kind; in place of
        `response`."""
        for kind, schema in _FILES.items():
            content_type = TYPES[kind].partition(";")[0]
            view = self.alt_response(200, schema=schema, content_type=content_type)(view)
        return view

    def response(
        self, status_code: int, schema: Any = None, *, location: str = "", **options: Any
    ) -> Callable[[View], View]:
        """Serialise the response. The session is flushed first, so that version and timestamps are
        those that will be committed; the version becomes a part of the ETag, see `etags`. Each
        record is given its ``actions``.

        ``location`` names an operation of this blueprint on the new record, whose path goes into
        the header of that name.
        """
        if location:
            options["headers"] = {"Location": _LOCATION}
        parent = super().response(status_code, schema, **options)
        places = people.places(schema() if isinstance(schema, type) else schema) if schema else None

        def decorate(view: View) -> View:
            @wraps(view)
            def flushed(*args: Any, **kwargs: Any) -> Any:
                result = view(*args, **kwargs)
                if "session" in g:
                    g.session.flush()
                    if schema is not None:
                        declared = current_app.extensions["kehu.operations"]
                        actions.add(g.session, g.actor, declared, schema, result)
                    if places is not None:
                        name_people(places, result)
                g.version = getattr(result, "version", None)
                if location:
                    g.location = _path_of(location, result.id)
                return result

            return parent(flushed)  # type: ignore[no-any-return]

        return decorate


def _path_of(operation: str, ident: Any) -> str:
    """The path of an operation of this blueprint on a record, below the same parents."""
    endpoint = f"{request.blueprint}.{operation}"
    (rule,) = current_app.url_map.iter_rules(endpoint)
    *_parents, own = _PARAMETER.findall(rule.rule)
    return url_for(endpoint, **((request.view_args or {}) | {own: ident}))


def _edge(view: View) -> View:
    access: str = view.kehu_access  # type: ignore[attr-defined]
    early: bool = view.kehu_before_password_change  # type: ignore[attr-defined]
    if_match: bool | None = view.kehu_if_match  # type: ignore[attr-defined]
    undeclared = _undeclared(view)

    @wraps(view)
    def edge(*args: Any, **kwargs: Any) -> Response:
        # Flask prefixes the blueprint; the contract names only the operation.
        audit.operation.set((request.endpoint or "").rpartition(".")[2])
        g.actor = _authorise(access, early)
        for location in undeclared:
            _reject_input(location)
        required = if_match is not False and request.method in _NEEDS_IF_MATCH
        return db.retried(lambda: _transaction(view, args, kwargs, required))

    return edge


def _undeclared(view: View) -> list[str]:
    """The locations from which the view takes no arguments."""
    parameters = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    declared = {parameter["in"] for parameter in parameters}
    return [location for location in ("query", "json") if location not in declared]


def _reject_input(location: str) -> None:
    # Many clients send an empty body, or {}, with every POST; a body of a GET is ignored.
    if location == "query" or (request.method in _TAKES_BODY and request.get_data()):
        Blueprint.ARGUMENTS_PARSER.parse(ma.Schema(), request, location=location)


def _authorise(access: str, before_password_change: bool) -> Actor:
    if access in OPEN:
        return Actor(id=db.NIL, kind="anonymous", scope=lambda _permission: None)
    authority = current_app.extensions["kehu.authority"]
    caller = authority.authenticate(bearer_token(request.headers.get("Authorization")))
    policy = authority.policy
    who = Actor(
        id=caller.id,
        kind=caller.kind,
        roles=tuple(caller.roles),
        department_id=caller.department_id,
        session_id=caller.session_id,
        language=caller.language,
        scope=lambda permission: policy.scope(caller.roles, permission),
        leader_roles=lambda permission: policy.roles_with(permission, "team"),
    )
    g.actor = who  # set before any refusal, which is recorded with the actor
    if caller.must_change_password and not before_password_change:
        raise Problem(403, "password-change-required")
    if access != "authenticated" and who.scope(access) is None:
        raise forbidden(access)
    return who


def _transaction(
    view: View, args: tuple[Any, ...], kwargs: dict[str, Any], if_match_required: bool
) -> Response:
    database: db.Database = current_app.extensions["kehu.database"]
    condition = precondition.read(request.headers.get("If-Match"), required=if_match_required)
    precondition.current.set(condition)
    with database.session(g.actor) as current:
        g.session = current
        try:
            response = _respond(view, args, kwargs, current)
            if if_match_required and response.status_code < 400 and not condition.checked:
                raise RuntimeError(f"{request.endpoint} changed a record without checking If-Match")
            current.commit()
            return response
        finally:
            precondition.current.set(None)
            people.names.set(None)
            g.pop("session", None)


def _respond(
    view: View, args: tuple[Any, ...], kwargs: dict[str, Any], current: Session
) -> Response:
    key = repeats.key_of_request()
    if key is not None and (stored := repeats.stored_response(current, key)) is not None:
        return stored
    g.pop("location", None)
    g.pop("version", None)
    response = make_response(view(*args, **kwargs))
    if "location" in g:
        response.headers["Location"] = g.location
    response = etags.tagged(response, g.get("version"))
    if key is not None and response.status_code < 400:
        repeats.store(current, key, view.kehu_access, response)  # type: ignore[attr-defined]
    return response
