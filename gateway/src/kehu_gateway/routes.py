"""Routes by contract: an operation in no service's OpenAPI document does not exist for clients."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from kehu_chassis.problems import Problem

METHODS = ("get", "put", "post", "delete", "patch", "head")
RELOAD_SECONDS = 1.0
OWN = "gateway"  # the service of the gateway's own operations
_OWN_DOCUMENT = Path(__file__).with_name("own.openapi.json")

_PERMISSION = re.compile(r"[a-z][a-z0-9-]*:[a-z][a-z0-9-]*")
_SEGMENT = re.compile(r"\{([^{}/]+)\}")
_log = logging.getLogger("kehu.gateway.routes")


class ContractError(ValueError):
    """A contract that the gateway cannot route by; the text names file and place."""


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of one service, as its contract describes it."""

    service: str
    method: str
    template: str
    id: str
    permission: str
    before_password_change: bool
    headers: frozenset[str]
    media_types: frozenset[str]

    def parameters(self, path: str) -> dict[str, str]:
        """Return the parameters' values in a path that matched this operation."""
        return {
            match[1]: value
            for part, value in zip(self.template.split("/"), path.split("/"), strict=True)
            if (match := _SEGMENT.fullmatch(part))
        }


class Router:
    """Finds the operation for a method and a path.  Immutable."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self.documents = documents
        self.operations = tuple(
            operation
            for service, document in documents.items()
            for operation in _operations(service, document)
        )
        _refuse_duplicates(self.operations)
        self._adapter = Map(
            [_rule(operation) for operation in self.operations],
            strict_slashes=True,
            merge_slashes=False,
            redirect_defaults=False,
        ).bind("gateway.invalid")

    def match(self, method: str, path: str) -> Operation:
        """Return the operation; Problem 404 for an unknown path, 405 for another method."""
        try:
            found, _ = self._adapter.match(path, method)
        except MethodNotAllowed as error:
            raise method_not_allowed(method, error.valid_methods or ()) from None
        except (NotFound, RequestRedirect):
            raise Problem(404, "not-found") from None
        return cast(Operation, found)

    def allowed(self, path: str) -> list[str]:
        """Return the methods that the path allows; empty if there is no such path."""
        return sorted(self._adapter.allowed_methods(path))


def method_not_allowed(method: str, allowed: Iterable[str]) -> Problem:
    """Return the Problem for a path that does not allow this method."""
    return Problem(
        405,
        "method-not-allowed",
        params={"method": method[:20]},
        headers={"Allow": ", ".join(sorted({*allowed, "OPTIONS"}))},
    )


def _rule(operation: Operation) -> Rule:
    # The gateway ignores parameter names, which may hold characters that werkzeug rejects.
    parts = _SEGMENT.split(operation.template)
    text = "".join(f"<v{i}>" if i % 2 else part for i, part in enumerate(parts))
    return Rule(text, endpoint=operation, methods=[operation.method])


def _operations(service: str, document: Mapping[str, Any]) -> Iterable[Operation]:
    paths = document.get("paths")
    if not isinstance(paths, dict):
        raise ContractError(f"{service}: no paths")
    for template, item in paths.items():
        if not template.startswith("/") or any(c in _SEGMENT.sub("", template) for c in "<>{}"):
            raise ContractError(f"{service}: {template}: cannot be routed")
        for method in METHODS:
            if method in item:
                yield _operation(service, document, template, method, item)


def _operation(
    service: str,
    document: Mapping[str, Any],
    template: str,
    method: str,
    item: Mapping[str, Any],
) -> Operation:
    described = item[method]
    permission = described.get("x-permission")
    if permission not in ("public", "authenticated") and (
        not isinstance(permission, str) or not _PERMISSION.fullmatch(permission)
    ):
        raise ContractError(f"{service}: {method} {template}: x-permission is {permission!r}")
    parameters = [*item.get("parameters", ()), *described.get("parameters", ())]
    return Operation(
        service=service,
        method=method.upper(),
        template=template,
        id=str(described.get("operationId", f"{method} {template}")),
        permission=permission,
        before_password_change=described.get("x-before-password-change") is True,
        headers=frozenset(_header_names(document, parameters)),
        media_types=frozenset(_media_types(document, described)),
    )


def _header_names(document: Mapping[str, Any], parameters: Iterable[Any]) -> Iterable[str]:
    for parameter in parameters:
        found = _resolved(document, parameter)
        if found.get("in") == "header":
            yield str(found["name"])


def _media_types(document: Mapping[str, Any], described: Mapping[str, Any]) -> Iterable[str]:
    """The types of a request's body: JSON, and what the operation declares."""
    yield "application/json"
    for media_type in _resolved(document, described.get("requestBody", {})).get("content", {}):
        yield media_type.lower()


def _resolved(document: Mapping[str, Any], found: Any) -> Any:
    reference = str(found.get("$ref", ""))
    if reference.startswith("#/"):
        found = document
        for key in reference[2:].split("/"):
            found = found.get(key, {})
    return found


def _refuse_duplicates(operations: Collection[Operation]) -> None:
    seen: dict[tuple[str, str], Operation] = {}
    for operation in operations:
        key = (operation.method, _SEGMENT.sub("{}", operation.template))
        other = seen.setdefault(key, operation)
        if other is not operation:
            raise ContractError(
                f"{operation.method} {operation.template}: in the contracts of both "
                f"{other.service} and {operation.service}"
            )


def load(folder: Path, services: Collection[str]) -> Router:
    """Build the router from the files in the folder; raises ContractError or OSError."""
    documents: dict[str, Mapping[str, Any]] = {OWN: json.loads(_OWN_DOCUMENT.read_bytes())}
    for path in sorted(folder.glob("*.json")):
        if path.stem not in services:
            raise ContractError(f"{path.name}: the address of {path.stem} is not configured")
        try:
            document = json.loads(path.read_bytes())
        except ValueError as error:
            raise ContractError(f"{path.name}: {error}") from error
        if not isinstance(document, dict):
            raise ContractError(f"{path.name}: not an OpenAPI document")
        documents[path.stem] = document
    return Router(documents)


class Contracts:
    """The router of the current contracts: changed files are picked up while running.

    Invalid contracts change nothing: the last good ones stay, and the reason is logged.
    """

    def __init__(self, folder: Path, services: Collection[str]) -> None:
        self._folder = folder
        self._services = services
        self._closed = threading.Event()
        self._seen = self._stamp()
        self.failing = False
        self.router = load(folder, services)

    def start(self) -> None:
        """Check for changes every second, in the background."""
        threading.Thread(target=self._run, name="contracts", daemon=True).start()

    def close(self) -> None:
        """Stop the background thread."""
        self._closed.set()

    def check(self) -> bool:
        """Load changed files; return whether the router was replaced."""
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            self.router = load(self._folder, self._services)
        except (ContractError, OSError, AttributeError, TypeError, KeyError) as error:
            self.failing = True
            _log.error("keeping the last good contracts: %s", error)
            return False
        self.failing = False
        _log.info("contracts reloaded: %d operations", len(self.router.operations))
        return True

    def _run(self) -> None:
        while not self._closed.wait(RELOAD_SECONDS):
            self.check()

    def _stamp(self) -> tuple[tuple[str, int, int], ...]:
        found = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                stat = path.stat()
            except OSError:
                continue
            found.append((path.name, stat.st_mtime_ns, stat.st_size))
        return tuple(found)
