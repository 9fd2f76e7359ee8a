"""Strict input: unknown fields are refused, text is storable, errors are pointers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request
from webargs.flaskparser import FlaskParser

from kehu_chassis import strictjson
from kehu_chassis.problems import Problem, field_error, invalid
from kehu_chassis.strictjson import storable


class StrictParser(FlaskParser):
    """flask-smorest ignores unknown query parameters by default; we refuse them everywhere."""

    DEFAULT_UNKNOWN_BY_LOCATION = {
        "json": ma.RAISE,
        "query": ma.RAISE,
        "path": ma.RAISE,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The JSON body; 415 for another media type, 400 for broken JSON."""
        if not req.is_json:
            if not req.get_data():
                return {}
            raise Problem(415, "unsupported-media-type")
        return read_json(req)

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """The query parameters; each may be given once, several values are comma-separated."""
        errors = [
            field_error(f"/{name}", "given-twice")
            for name in req.args
            if len(req.args.getlist(name)) > 1
        ]
        values = req.args.to_dict()
        errors += [
            field_error(f"/{name}", "unstorable-text")
            for name, value in values.items()
            if not storable(value) or not storable(name)
        ]
        if errors:
            raise Problem(422, "validation-failed", errors=errors)
        return values

    def handle_error(
        self, error: ma.ValidationError, req: Any, schema: Any, **_options: Any
    ) -> NoReturn:
        """Turn marshmallow's messages into one 422 with a pointer per field."""
        # webargs puts the location ("json", "query") on top of the messages.
        messages: Any = next(iter(error.messages_dict.values()), {})
        raise Problem(422, "validation-failed", errors=list(_pointers("", messages)))


def read_json(req: Request) -> Any:
    """The parsed JSON body of a request; 400 unless it is JSON, 422 unless it can be stored."""
    try:
        return strictjson.read(req.get_data(cache=True))
    except strictjson.NotJson:
        raise Problem(400, "invalid-json") from None
    except strictjson.Unstorable:
        raise invalid("", "unstorable-text") from None


def _pointers(path: str, messages: Any) -> Iterator[dict[str, Any]]:
    if isinstance(messages, Mapping):
        for key, value in messages.items():
            step = "" if key == "_schema" else f"/{_escape(str(key))}"
            yield from _pointers(path + step, value)
    elif isinstance(messages, list):
        for message in messages:
            if isinstance(message, (Mapping, list)):
                yield from _pointers(path, message)
            else:
                yield _fault(path, str(message))
    else:
        yield _fault(path, str(messages))


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")[:200]


_OR_EQUAL = "(?:or equal to )?"
# marshmallow says what is wrong in English sentences only: the code of each, and its parameters.
_SENTENCES = (
    (r"Missing data", "required"),
    (r"Unknown field", "unknown-field"),
    (r"Field may not be null", "null"),
    (r"Not a valid (?:aware |naive )?(?P<type>.+)\.", "wrong-type"),
    (r"Invalid (?:input )?type", "wrong-type"),
    (r"Longer than maximum length (?P<max>\d+)", "too-long"),
    (r"Shorter than minimum length (?P<min>\d+)", "too-short"),
    (r"Length must be between (?P<min>\d+) and (?P<max>\d+)", "wrong-length"),
    (r"Must be one of: (?P<choices>.*)\.", "not-a-choice"),
    (rf"Must be greater than {_OR_EQUAL}(?P<min>.+) and less than {_OR_EQUAL}(?P<max>.+)\.",
     "out-of-range"),
    (r"At most two decimals", "too-precise"),
)  # fmt: skip
_UNSAID: dict[str, dict[str, Any]] = {
    "too-precise": {"max": 2},
    "wrong-type": {"type": "object"},
}
_TYPES = {"mapping type": "object", "utf-8 string": "string"}


def _fault(path: str, message: str) -> dict[str, Any]:
    for pattern, code in _SENTENCES:
        if match := re.match(pattern, message):
            said = {name: _value(name, text) for name, text in match.groupdict().items()}
            return field_error(path, code, params=said or _UNSAID.get(code))
    return field_error(path, "invalid", message)


def _value(name: str, text: str) -> Any:
    if name == "type":
        return _TYPES.get(text, text)
    if name == "choices":
        return text.split(", ")
    return int(text) if text.removeprefix("-").isdigit() else text
