"""Strict input: unknown fields are rejected, text is storable, errors have pointers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request
from webargs.flaskparser import FlaskParser

from kehu_chassis import strictjson
from kehu_chassis.data.validate import Fault
from kehu_chassis.problems import Problem, field_error, invalid
from kehu_chassis.strictjson import storable


class StrictParser(FlaskParser):
    """flask-smorest ignores unknown query parameters by default; we reject them everywhere."""

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
        """Turn the faults that marshmallow collected into one 422 with a pointer per field."""
        # webargs nests the messages below the location ("json", "query").
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
            yield from _pointers(path, message)
    elif isinstance(messages, Fault):
        yield field_error(path, messages, **messages.params)
    else:
        raise TypeError(f"{path} was rejected without a code: {messages}")


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")[:200]
