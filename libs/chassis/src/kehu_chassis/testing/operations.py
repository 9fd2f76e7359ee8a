"""Whether the declared operations are those of the API, and whether ``actions`` tell the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kehu_chassis.records import Operation
from kehu_chassis.runtime.service import Service
from kehu_chassis.testing.harness import Client, Harness
from kehu_chassis.web import create_app, openapi

_REFUSED = (403, 404, 409)
# What only a wrong body or header of the test gives.
_WRONG = (400, 412, 415, 422, 428, 500)


def undeclared(service: Service) -> list[str]:
    """What is wrong with a service's declarations: each operation on the address of a record that
    changes it, or that takes more than a permission to read, is declared with the permission of its
    route; each record at an address of its own shows its actions."""
    document = openapi.document(create_app(service, None, None))
    declared = {one.name: one for all_of in service.operations().values() for one in all_of}
    routes = dict(_routes(document))
    faults = [
        f"{name}: there is no such operation with permission {one.permission}"
        for name, one in declared.items()
        if name not in routes or routes[name]["x-permission"] != one.permission
    ]
    for name, route in routes.items():
        for_all = route["x-permission"].endswith((":read", ":export", "authenticated"))
        if not (route["method"] == "get" and for_all) and name not in declared:
            faults.append(f"{name}: it is not declared")
        if route["method"] == "get" and route["path"].endswith("}"):
            shown = _schema(document, route)
            if "actions" not in shown.get("properties", {}):
                faults.append(f"{name}: its response has no actions")
    return faults


def untrue(
    harness: Harness,
    client: Client,
    model: type[Any],
    ids: Mapping[str, Any],
    bodies: Mapping[str, Any],
    *,
    shown: list[str] | None = None,
) -> list[str]:
    """Call every operation on a record, without effect, and return what ``actions`` say wrongly:
    those that it lists are not refused with 403, 404 or 409, all others are.

    ``ids`` are those of the addresses, by the names of their parameters, ``bodies`` valid ones by
    operation. ``shown`` are the actions that the caller sees; none if they may not read the record.
    """
    faults = []
    with _without_effect(harness):
        for operation in harness.service.operations()[model]:
            response = _call(harness, client, operation, ids, bodies.get(operation.name))
            status = response.status_code
            assert status not in _WRONG, (operation.name, status, response.text)
            if (operation.name in (shown or [])) != (status not in _REFUSED):
                faults.append(f"{operation.name}: {status}")
    return faults


def _routes(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The operations on addresses of records."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if "{" in path and isinstance(operation, dict) and "operationId" in operation:
                yield operation["operationId"], operation | {"path": path, "method": method}


def _schema(document: Mapping[str, Any], route: Mapping[str, Any]) -> Any:
    schema = route["responses"]["200"]["content"]["application/json"]["schema"]
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"].get(name, schema)


def _call(
    harness: Harness, client: Client, operation: Operation[Any], ids: Mapping[str, Any], body: Any
) -> Any:
    (rule,) = (
        rule
        for rule in harness.app.url_map.iter_rules()
        if rule.endpoint.rpartition(".")[2] == operation.name
    )
    (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    wanted = {name: value for name, value in ids.items() if name in rule.arguments}
    address = harness.app.url_map.bind("").build(rule.endpoint, wanted)
    return client.request(method, address, body, if_match="*")


@contextmanager
def _without_effect(harness: Harness) -> Iterator[None]:
    """Requests are answered as always, but their transactions are rolled back."""
    # A class of this database's own, made by its sessionmaker.
    sessions: Any = harness.database._sessions.class_

    def commit(session: Any) -> None:
        session.flush()
        session.rollback()

    sessions.commit = commit
    try:
        yield
    finally:
        del sessions.commit
