"""Changes of the contracts that break clients of an earlier revision."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from click.testing import CliRunner

from kehu_cli.catalogue import ROOT
from kehu_cli.cli import kehu
from kehu_cli.contracts.compatibility import breaks, of_checkout, of_revision

ITEM = {
    "type": "object",
    "required": ["state", "parent"],
    "properties": {
        "state": {"type": "string", "enum": ["open", "done"]},
        "parent": {"anyOf": [{"$ref": "#/components/schemas/Item"}, {"type": "null"}]},
    },
}
FORM = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


def _content(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


DOCUMENT: dict[str, Any] = {
    "paths": {
        "/items": {
            "post": {
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                "requestBody": _content({"$ref": "#/components/schemas/Form"}),
                "responses": {"201": _content({"$ref": "#/components/schemas/Item"})},
            }
        }
    },
    "components": {"schemas": {"Item": ITEM, "Form": FORM}},
}
Change = Callable[[dict[str, Any]], Any]


def _post(document: dict[str, Any]) -> Any:
    return document["paths"]["/items"]["post"]


def _schema(document: dict[str, Any], name: str) -> Any:
    return document["components"]["schemas"][name]


def _field(document: dict[str, Any], name: str, field: str) -> Any:
    return _schema(document, name)["properties"][field]


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        (lambda d: d["paths"].clear(), ": removed"),
        (lambda d: _post(d)["parameters"].clear(), " ?/q: removed"),
        (lambda d: _post(d)["parameters"][0].update(required=True), " ?/q: required"),
        (lambda d: _post(d).pop("requestBody"), "/name: removed"),
        (lambda d: _field(d, "Form", "name").update(type="integer"), "/name: was string"),
        (lambda d: _schema(d, "Form")["properties"].update(a={}), None),
        (lambda d: _schema(d, "Form").update(required=["name", "a"]), "/a: required"),
        (lambda d: _schema(d, "Form").update(required=[]), None),
        (lambda d: _post(d)["responses"].update({"202": {}}), None),
        (lambda d: _post(d)["responses"].pop("201"), ": no longer returns 201"),
        (lambda d: _schema(d, "Item")["properties"].pop("state"), " 201/state: removed"),
        (lambda d: _schema(d, "Item").update(required=[]), " 201/parent: may be left out"),
        (lambda d: _schema(d, "Item")["properties"].update(a={}), None),
        (lambda d: _field(d, "Item", "state")["enum"].remove("done"), " 201/state: no longer done"),
        (
            lambda d: _field(d, "Item", "state").update(type=["string", "null"]),
            "/state: was string",
        ),
        (lambda d: _field(d, "Item", "parent")["anyOf"].pop(), None),
    ],
)
def test_breaking_operations_are_reported(change: Change, reported: str | None) -> None:
    new = deepcopy(DOCUMENT)
    change(new)
    found = list(breaks({"openapi/x.json": DOCUMENT}, {"openapi/x.json": new}))
    assert bool(found) == (reported is not None), found
    assert reported is None or any(
        line.startswith("POST /items") and reported in line for line in found
    )


@pytest.mark.parametrize(
    ("producer", "more", "fewer"),
    [
        # Our clients miss a field that is left out; the sales system does not send a new one.
        ("marketing", [], ["may be left out"]),
        ("sales", ["required"], []),
    ],
)
def test_breaking_events_are_reported(producer: str, more: list[str], fewer: list[str]) -> None:
    name = f"events/{producer}/x/v1.schema.json"
    one = {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"]}
    two = one | {"required": ["a", "b"]}
    assert list(breaks({name: one}, {name: two})) == [f"{name}/b: {change}" for change in more]
    assert list(breaks({name: two}, {name: one})) == [f"{name}/b: {change}" for change in fewer]
    assert list(breaks({name: one}, {})) == [f"{name}: removed"]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_the_contracts_are_compared_with_those_of_a_revision() -> None:
    documents = of_checkout()
    assert of_revision("HEAD").keys() <= documents.keys()
    assert {name.split("/")[0] for name in documents} == {"openapi", "events"}
    result = CliRunner().invoke(kehu, ["contracts", "--against", "no-such-revision"])
    assert result.exit_code == 1 and "no-such-revision" in result.output


def test_a_nullable_enumeration_may_be_written_in_another_way() -> None:
    before, after = deepcopy(DOCUMENT), deepcopy(DOCUMENT)
    codes = {"type": ["string", "null"], "enum": ["open", "done", None]}
    apart = [{"type": "string", "enum": ["open", "done"]}, {"type": "null"}]
    _schema(before, "Item")["properties"]["state"] = codes
    _schema(after, "Item")["properties"]["state"] = {"anyOf": apart}
    assert list(breaks({"x.json": before}, {"x.json": after})) == []
    apart[0]["enum"] = ["open"]
    assert list(breaks({"x.json": before}, {"x.json": after})) == [
        "POST /items 201/state: no longer done"
    ]
