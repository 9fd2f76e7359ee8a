"""Each validator sets an error code and its parameters."""

from __future__ import annotations

from datetime import date
from typing import Any

import marshmallow as ma
import pytest

from kehu_chassis.data import validate
from kehu_chassis.data.fields import (
    CommaList,
    Currency,
    Money,
    StrictBoolean,
    Text,
    Timestamp,
    require_codes,
)
from kehu_chassis.problems import Problem
from kehu_chassis.texts import TEXTS
from kehu_chassis.web import Blueprint
from kehu_chassis.web.parser import StrictParser


class Inner(ma.Schema):
    name = Text(required=True, max_length=3)


class Everything(ma.Schema):
    string = ma.fields.String()
    needed = ma.fields.String(required=True)
    text = Text(max_length=3)
    phrase = Text(min_length=2, max_length=3)
    at_most = ma.fields.String(validate=validate.Length(max=3))
    at_least = ma.fields.String(validate=validate.Length(2))
    integer = ma.fields.Integer()
    strict = ma.fields.Integer(strict=True)
    rank = ma.fields.Integer(validate=validate.Range(-1, 5))
    floor = ma.fields.Integer(validate=validate.Range(0))
    ceiling = ma.fields.Integer(validate=validate.Range(max=9))
    number = ma.fields.Float()
    money = Money()
    balance = Money(negative=True)
    currency = Currency()
    boolean = ma.fields.Boolean()
    flag = StrictBoolean()
    day = ma.fields.Date()
    period = ma.fields.Date(validate=validate.Range(date(1900, 1, 1), date(2199, 12, 31)))
    timestamp = Timestamp()
    id = ma.fields.UUID()
    email = ma.fields.Email(validate=validate.Length(max=10))
    choice = ma.fields.String(validate=validate.OneOf(["a", "b"]))
    code = ma.fields.String(validate=validate.FullMatch(r"^[a-z]+$"))
    inner = ma.fields.Nested(Inner)
    lines = ma.fields.List(ma.fields.Nested(Inner), validate=validate.Length(1, 2))
    tags = ma.fields.List(Text(max_length=3), validate=validate.Length(max=2))
    comma = CommaList(ma.fields.Integer(validate=validate.Range(1, 9)))
    table = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.OneOf(["a", "b"])), values=ma.fields.Integer()
    )
    anything = ma.fields.Raw()


NOT = {"invalid": {}}


def wrong(kind: str) -> dict[str, Any]:
    return {"wrong-type": {"type": kind}}


def unknown_currency(code: str) -> dict[str, Any]:
    return {"unknown-currency": {"currency": code}}


MISSPELT = (
    "x", "NaN", "Infinity", "1e3", "1E+2", "+5", " 5", "5 ", "5\n", "05", "00", "-05", "１２", "٥",
    "1,000", "1_000", "5.", ".5", "", "--1", "0x1", "1" * 101,
)  # fmt: skip
NO_CURRENCIES = ("AAA", "ZZZ", "XXX", "XTS", "XAU", "XDR", "DEM")

FAULTS: list[tuple[str, Any, str, dict[str, Any]]] = [
    ("needed", None, "/needed", {"null": {}}),
    ("unknown", 1, "/unknown", {"unknown-field": {}}),
    ("a/b~c", 1, "/a~1b~0c", {"unknown-field": {}}),
    ("string", 1, "/string", wrong("string")),
    ("string", b"\xff", "/string", wrong("string")),
    ("text", "long", "/text", {"wrong-length": {"min": 0, "max": 3}}),
    ("phrase", "x", "/phrase", {"wrong-length": {"min": 2, "max": 3}}),
    ("phrase", "   ", "/phrase", {"too-short": {"min": 1}}),
    ("at_most", "long", "/at_most", {"too-long": {"max": 3}}),
    ("at_least", "x", "/at_least", {"too-short": {"min": 2}}),
    ("integer", "x", "/integer", wrong("integer")),
    ("integer", 1e999, "/integer", NOT),
    ("strict", 1.5, "/strict", wrong("integer")),
    ("rank", -2, "/rank", {"out-of-range": {"min": -1, "max": 5}}),
    ("rank", 6, "/rank", {"out-of-range": {"min": -1, "max": 5}}),
    ("floor", -1, "/floor", {"too-small": {"min": 0}}),
    ("ceiling", 10, "/ceiling", {"too-large": {"max": 9}}),
    ("number", "x", "/number", wrong("number")),
    ("number", "nan", "/number", NOT),
    ("money", 1, "/money", wrong("string")),
    *(("money", spelling, "/money", {"amount-spelling": {}}) for spelling in MISSPELT),
    ("money", "-1", "/money", {"out-of-range": {"min": 0, "max": "9999999999999999.9999"}}),
    ("money", "1.00010", "/money", {"too-precise": {"max": 4}}),
    (
        "balance",
        "-10000000000000000",
        "/balance",
        {"out-of-range": {"min": "-9999999999999999.9999", "max": "9999999999999999.9999"}},
    ),
    ("currency", "cny", "/currency", NOT),
    *(("currency", code, "/currency", unknown_currency(code)) for code in NO_CURRENCIES),
    ("currency", 1, "/currency", wrong("string")),
    ("boolean", "perhaps", "/boolean", wrong("boolean")),
    ("boolean", [], "/boolean", wrong("boolean")),
    ("flag", "true", "/flag", wrong("boolean")),
    ("day", "2026-02-30", "/day", wrong("date")),
    ("day", 1, "/day", wrong("date")),
    ("period", "1899-12-31", "/period", {
        "out-of-range": {"min": "1900-01-01", "max": "2199-12-31"}
    }),
    ("timestamp", "x", "/timestamp", wrong("datetime")),
    ("timestamp", "2026-11-21T10:00:00", "/timestamp", wrong("datetime")),
    ("timestamp", "9999-12-31T23:59:59-14:00", "/timestamp", wrong("datetime")),
    ("id", "x", "/id", wrong("UUID")),
    ("email", "x", "/email", wrong("email address")),
    ("email", "a@long.example", "/email", {"too-long": {"max": 10}}),
    ("email", "no.address.at.all", "/email", wrong("email address") | {"too-long": {"max": 10}}),
    ("choice", "c", "/choice", {"not-a-choice": {"choices": ["a", "b"]}}),
    ("code", "A", "/code", NOT),
    ("inner", 1, "/inner", wrong("object")),
    ("inner", {}, "/inner/name", {"required": {}}),
    ("inner", {"name": "x", "more": 1}, "/inner/more", {"unknown-field": {}}),
    ("lines", 1, "/lines", wrong("list")),
    ("lines", [1], "/lines/0", wrong("object")),
    ("lines", [{"name": "x"}, {"name": "long"}], "/lines/1/name", {
        "wrong-length": {"min": 1, "max": 3}
    }),
    ("lines", [], "/lines", {"wrong-length": {"min": 1, "max": 2}}),
    ("tags", ["x", None], "/tags/1", {"null": {}}),
    ("tags", ["x"] * 3, "/tags", {"too-long": {"max": 2}}),
    ("comma", "1,x", "/comma/1", wrong("integer")),
    ("comma", "1,10", "/comma/1", {"out-of-range": {"min": 1, "max": 9}}),
    ("table", 1, "/table", wrong("object")),
    ("table", {"c": 1}, "/table/c/key", {"not-a-choice": {"choices": ["a", "b"]}}),
    ("table", {"a": "x"}, "/table/a/value", wrong("integer")),
    ("anything", None, "/anything", {"null": {}}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "pointer", "codes"), FAULTS)
def test_field_codes(field: str, value: Any, pointer: str, codes: dict[str, Any]) -> None:
    errors = faults({"needed": "x", field: value})
    assert {error["pointer"] for error in errors} == {pointer}
    assert {error["code"]: error["params"] for error in errors} == codes
    for code, params in codes.items():
        english, chinese = (TEXTS.problem(code, params, language) for language in ("en", "zh"))
        assert english != chinese and "{" not in english + chinese


@pytest.mark.parametrize(
    ("value", "code", "params"),
    [
        ({}, "required", {}),
        ([], "wrong-type", {"type": "object"}),
        ("x", "wrong-type", {"type": "object"}),
    ],
)
def test_body_codes(value: Any, code: str, params: dict[str, Any]) -> None:
    (error,) = faults(value)
    assert (error["code"], error["params"]) == (code, params)


def test_a_schema_without_error_codes_is_rejected() -> None:
    def check(value: Any) -> None:
        raise ma.ValidationError("This is wrong.")

    require_codes(Everything)
    for field in (
        ma.fields.Time(),
        ma.fields.String(error_messages={"required": "Where is it?"}),
        ma.fields.String(validate=ma.validate.Length(max=3)),
        ma.fields.String(validate=check),
        ma.fields.List(ma.fields.URL()),
        ma.fields.Dict(keys=ma.fields.IP()),
        ma.fields.Dict(values=ma.fields.List(ma.fields.Time())),
        ma.fields.Nested(ma.Schema.from_dict({"at": ma.fields.Time()})),
    ):
        schema = ma.Schema.from_dict({"field": field})
        with pytest.raises(TypeError, match="has no code for"):
            Blueprint("test", __name__).arguments(schema)


def faults(value: Any) -> list[dict[str, Any]]:
    """The entries of ``errors`` for a body."""
    schema = Everything()
    with pytest.raises(ma.ValidationError) as found:
        schema.load(value)
    # webargs nests the messages below the location.
    found.value.messages = {"json": found.value.messages}
    with pytest.raises(Problem) as rejected:
        StrictParser().handle_error(found.value, None, schema)
    return rejected.value.errors
