"""One OpenAPI document out of all contracts, and a view of it that the bundled page can render."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

_NULL = {"type": "null"}
_LABELS = ("x-permissions", "x-problems")  # of all operations, by name
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


def merge(documents: Mapping[str, Mapping[str, Any]], version: str) -> dict[str, Any]:
    """Return the union of the contracts.

    Contracts share identical components.  Different components of one name are prefixed with their
    service, as are operation ids that occur twice.
    """
    components: dict[str, dict[str, Any]] = {}
    paths: dict[str, dict[str, Any]] = {}
    tags: dict[str, dict[str, Any]] = {}
    labels: dict[str, dict[str, Any]] = {}
    ids = Counter(
        operation.get("operationId")
        for document in documents.values()
        for item in document.get("paths", {}).values()
        for method, operation in item.items()
        if method in METHODS
    )
    clashes = _clashes(documents)
    for service, document in documents.items():
        renamed = {
            f"#/components/{kind}/{name}": f"#/components/{kind}/{service}.{name}"
            for kind, name in clashes
        }
        own = _with_references(document, renamed)
        for kind, entries in own.get("components", {}).items():
            for name, entry in entries.items():
                key = f"{service}.{name}" if (kind, name) in clashes else name
                components.setdefault(kind, {})[key] = entry
        for table in _LABELS:
            labels.setdefault(table, {}).update(own.get(table, {}))
        for tag in own.get("tags", []):
            tags.setdefault(tag["name"], tag)
        for path, item in own.get("paths", {}).items():
            paths.setdefault(path, {}).update(_item(service, item, ids))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kehu", "version": version},
        "tags": list(tags.values()),
        "paths": dict(sorted(paths.items())),
        "components": components,
        **labels,
    }


def _clashes(documents: Mapping[str, Mapping[str, Any]]) -> set[tuple[str, str]]:
    seen: dict[tuple[str, str], Any] = {}
    clashes = set()
    for document in documents.values():
        for kind, entries in document.get("components", {}).items():
            for name, entry in entries.items():
                if seen.setdefault((kind, name), entry) != entry:
                    clashes.add((kind, name))
    return clashes


def _with_references(value: Any, renamed: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: renamed.get(entry, entry)
            if key == "$ref" and isinstance(entry, str)
            else _with_references(entry, renamed)
            for key, entry in value.items()
        }
    if isinstance(value, list):
        return [_with_references(entry, renamed) for entry in value]
    return value


def _item(service: str, item: Mapping[str, Any], ids: Counter[Any]) -> dict[str, Any]:
    found = dict(item)
    for method in METHODS:
        if method not in found:
            continue
        operation = found[method] = dict(found[method])
        if ids[operation.get("operationId")] > 1 and "operationId" in operation:
            operation["operationId"] = f"{service}.{operation['operationId']}"
        operation.setdefault("tags", [service])
    return found


def as_3_0(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document in OpenAPI 3.0, the newest version that swagger-ui-bundle renders."""
    found: dict[str, Any] = _downgraded(document)
    found["openapi"] = "3.0.3"
    found.pop("webhooks", None)
    found.pop("jsonSchemaDialect", None)
    return found


def _downgraded(value: Any) -> Any:
    if isinstance(value, list):
        return [_downgraded(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    found = {key: _downgraded(entry) for key, entry in value.items()}
    kinds = found.get("type")
    if isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        found.pop("type")
        if len(rest) == 1:
            found["type"] = rest[0]
        elif rest:
            found["anyOf"] = [{"type": kind} for kind in rest]
        if "null" in kinds:
            found["nullable"] = True
    if _NULL in found.get("anyOf", ()):
        rest = [option for option in found.pop("anyOf") if option != _NULL]
        found |= {"anyOf": rest} if len(rest) > 1 or "$ref" in rest[0] else rest[0]
        found["nullable"] = True
    if "const" in found and not isinstance(found["const"], dict):
        found["enum"] = [found.pop("const")]
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        bound = found.get(exclusive)
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            found[limit] = bound
            found[exclusive] = True
    return found
