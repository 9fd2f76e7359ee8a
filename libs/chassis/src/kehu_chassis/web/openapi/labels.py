"""The labels of a document: whatever people read of the contract, in both languages.

``x-label`` of a field and of a parameter, ``x-labels`` of an enumeration by code; ``x-permissions``
and ``x-problems`` of the document label all permissions and problem codes. What has no text has no
label: `tests/contracts` reports it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kehu_chassis.texts import LANGUAGES, Text, Texts

Json = dict[str, Any]
_KINDS = ("Form", "Patch")  # of one record's schema


def add(spec: Json, texts: Texts) -> None:
    """Label a complete document."""
    for component, schema in spec["components"]["schemas"].items():
        _label(schema, texts, _record(component))
    permissions = set()
    for operation in operations(spec):
        permissions.add(operation["x-permission"])
        for parameter in operation.get("parameters", []):
            if parameter["in"] != "path":
                _label_field(parameter, texts, parameter["name"], "")
    names = texts.labels.get("permission", {})
    spec["x-permissions"] = {
        name: _both(names[name]) for name in sorted(permissions) if name in names
    }
    spec["x-problems"] = {code: _both(text) for code, text in sorted(texts.problems.items())}


def operations(spec: Json) -> Iterator[Json]:
    """Every operation of a document."""
    for item in spec["paths"].values():
        yield from (one for one in item.values() if isinstance(one, dict) and "operationId" in one)


def _label(schema: Json, texts: Texts, component: str) -> None:
    for name, field in schema.get("properties", {}).items():
        _label_field(field, texts, name, component)


def _label_field(field: Json, texts: Texts, name: str, component: str) -> None:
    if label := texts.field(name, component):
        field["x-label"] = _both(label)
    for part in _parts(field):
        if "enum" in part:
            codes = [code for code in part["enum"] if code is not None]
            if labels := texts.of_codes(codes, name):
                part["x-labels"] = {str(code): _both(text) for code, text in labels.items()}
        _label(part, texts, component)


def _parts(schema: Json) -> Iterator[Json]:
    """A schema and those within it that describe values of the same field."""
    yield schema
    inner: Iterable[Any] = (schema.get(key) for key in ("schema", "items", "additionalProperties"))
    for part in (*inner, *schema.get("anyOf", ())):
        if isinstance(part, dict):
            yield from _parts(part)


def _record(component: str) -> str:
    for kind in _KINDS:
        component = component.removesuffix(kind)
    return component


def _both(text: Text) -> dict[str, str]:
    english, chinese = text
    return dict(zip(LANGUAGES, (english[:1].upper() + english[1:], chinese), strict=True))
