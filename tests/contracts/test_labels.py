"""Whatever people read of the contract has a label in both languages."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from kehu_chassis.runtime.service import Service
from kehu_cli.catalogue import CONTRACTS, SERVICES, module

Json = dict[str, Any]
DOCUMENTS = {
    path.stem: json.loads(path.read_text())
    for path in sorted((CONTRACTS / "openapi").glob("*.json"))
}
LANGUAGES = {"en", "zh"}


def described(document: Json) -> Iterator[tuple[str, Json]]:
    """Every field and every parameter that clients send or read, with its place."""
    for component, schema in document["components"]["schemas"].items():
        yield from within(component, schema)
    for operation in operations(document):
        for parameter in operation["parameters"]:
            if parameter["in"] != "path":
                yield f"{operation['operationId']}?{parameter['name']}", parameter


def within(place: str, schema: Json) -> Iterator[tuple[str, Json]]:
    for name, field in schema.get("properties", {}).items():
        yield f"{place}.{name}", field
        for part in parts(field):
            yield from within(f"{place}.{name}", part)


def parts(schema: Json) -> Iterator[Json]:
    yield schema
    inner = [schema.get(key) for key in ("schema", "items", "additionalProperties")]
    for part in [*inner, *schema.get("anyOf", ())]:
        if isinstance(part, dict):
            yield from parts(part)


def operations(document: Json) -> Iterator[Json]:
    for item in document["paths"].values():
        yield from (one for one in item.values() if "operationId" in one)


def unlabelled(labels: Json, names: set[str]) -> list[str]:
    return [n for n in sorted(names) if not is_label(labels.get(n))]


def is_label(found: Any) -> bool:
    return isinstance(found, dict) and found.keys() == LANGUAGES and all(found.values())


@pytest.mark.parametrize("service", DOCUMENTS)
def test_every_field_and_parameter_has_a_label(service: str) -> None:
    found = described(DOCUMENTS[service])
    assert [place for place, field in found if not is_label(field.get("x-label"))] == []


@pytest.mark.parametrize("service", DOCUMENTS)
def test_every_code_of_an_enumeration_has_a_label(service: str) -> None:
    lacking = {
        place: unlabelled(part.get("x-labels", {}), set(map(str, part["enum"])))
        for place, field in described(DOCUMENTS[service])
        for part in parts(field)
        if "enum" in part
    }
    assert lacking, "no enumerations: the test finds none"
    assert {place: codes for place, codes in lacking.items() if codes} == {}


@pytest.mark.parametrize("service", DOCUMENTS)
def test_every_permission_and_problem_code_has_a_label(service: str) -> None:
    document = DOCUMENTS[service]
    permissions = {operation["x-permission"] for operation in operations(document)}
    assert unlabelled(document["x-permissions"], permissions - {"public", "authenticated"}) == []
    codes = {
        code
        for operation in operations(document)
        for names in operation["x-problems"].values()
        for code in names
    }
    assert unlabelled(document["x-problems"], codes) == []
    assert all(map(is_label, document["x-problems"].values()))


def test_services_agree_on_the_labels_of_codes() -> None:
    known: dict[tuple[str, Any], tuple[str, Any]] = {}
    for name in SERVICES:
        service: Service = importlib.import_module(f"{module(name)}.app").service
        for context, labels in service.texts().labels.items():
            if context in ("field", "record"):  # a field may mean something else elsewhere
                continue
            for code, text in labels.items():
                first, label = known.setdefault((context, code), (name, text))
                assert label == text, f"{context} {code}: {first} and {name}"
