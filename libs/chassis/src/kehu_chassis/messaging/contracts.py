"""The event contracts: JSON Schemas of ``contracts/events/<producer>/<event>/v<n>.schema.json``.

Consumers validate against the schema file, which tolerates additions. Publishers validate against
the same schema *closed*, which allows no other properties, so that a typo is not published.

A fact about a record contains its state and properties of its own: its schema refers to that of the
state by ``allOf`` and ``$ref`` and lists only its own properties, as does its example.

Two things are checked that JSON Schema cannot say: ``"format": "currency"`` is a currency by
ISO 4217, and ``"x-amounts": {"currency": …, "of": […]}`` names the amounts that have no more
decimals than their currency. Only consumers check them: what was stored before the rule must not
prevent later changes of its record.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs

from kehu_chassis import money

_TYPE = re.compile(r"^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]*$")


class ContractError(Exception):
    """An event that violates its contract; the message states where and why.

    ``code`` names the kind of violation in dead letters and metrics; its text for people is the
    label ``dead-letter.code``.
    """

    code = "contract-violated"


class UnknownType(ContractError):
    """An event of a type that this release does not know, but a newer one may."""

    code = "unknown-type"


class WrongRoute(ContractError):
    """An event that did not come through the exchange and the key of its type."""

    code = "wrong-route"


class WrongPublisher(ContractError):
    """An event that another login than its producer's has published, or an unknown one."""

    code = "wrong-publisher"


class WrongSource(ContractError):
    """An event whose ``source`` does not name its producer."""

    code = "wrong-source"


class ReusedId(ContractError):
    """An event, or what it describes, under the id of another one.

    A handler that raises it makes the event a dead letter at once.
    """

    code = "reused-id"


class Unpublishable(ContractError):
    """An outgoing event that violates its contract: a programming error of the handler."""

    code = "handler-failed"


class _Amounts:
    """The keyword ``x-amounts``."""

    def __init__(self, _parent: Any, declared: Any, _path: Any) -> None:
        self._currency: str = declared["currency"]
        self._of: list[str] = declared["of"]

    def validate(self, data: Any) -> None:
        """Raise ValueError with the place of an amount that is too precise."""
        currency = data.get(self._currency) if isinstance(data, dict) else None
        if not isinstance(currency, str):
            return
        for path in self._of:
            for place, amount in _at(path, data):
                try:
                    money.exact(Decimal(amount), currency)
                except money.TooPrecise as fault:
                    raise ValueError(f"{place}: {fault}") from None
                except InvalidOperation:
                    pass  # its pattern reports it


def _at(path: str, data: Any) -> Iterator[tuple[str, str]]:
    """The texts at a path, as ``lines/amount``, through lists."""
    name, _, rest = path.partition("/")
    value = data.get(name) if isinstance(data, dict) else None
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from ((f"{name}/{index}/{place}", text) for place, text in _at(rest, item))
    elif isinstance(value, str):
        yield name, value


_FORMATS = {"currency": money.is_currency}
_KEYWORDS = {"x-amounts": _Amounts}


class Contracts:
    """All event schemas below one ``contracts/`` folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # Made when first needed: a process handles a few of all types.
        self._tolerant: dict[str, jsonschema_rs.Validator] = {}
        self._closed: dict[str, jsonschema_rs.Validator] = {}

    @cached_property
    def types(self) -> list[str]:
        """Every event type with a schema, sorted: ``auth.user-changed.v1`` …"""
        files = (self.path / "events").glob("*/*/v*.schema.json")
        return sorted(f"{f.parent.parent.name}.{f.parent.name}.{_version(f)}" for f in files)

    def schema(self, event_type: str) -> dict[str, Any]:
        """The JSON Schema of the data of an event type; raises :class:`UnknownType`."""
        if event_type not in self.types:
            raise UnknownType(f"unknown event type: {event_type}")
        file = self._file(event_type, "schema")
        return whole(json.loads(file.read_text()), lambda ref: _json(file.parent / ref))

    def example(self, event_type: str) -> Any:
        """The example data that producer and consumer both test against."""
        file = self._file(event_type, "example")
        example = json.loads(file.read_text())
        for part in json.loads(self._file(event_type, "schema").read_text()).get("allOf", []):
            state = part["$ref"].replace(".schema.", ".example.")
            example = json.loads((file.parent / state).read_text()) | example
        return example

    def check_outgoing(self, event_type: str, data: Any) -> None:
        """Raise :class:`ContractError` unless ``data`` matches the closed schema."""
        if event_type not in self._closed:
            self._closed[event_type] = _validator(_close(self.schema(event_type)))
        _check(self._closed[event_type], event_type, data)

    def check_incoming(self, event_type: str, data: Any) -> None:
        """Raise :class:`ContractError` unless ``data`` matches the schema or adds to it."""
        if event_type not in self._tolerant:
            self._tolerant[event_type] = _validator(
                self.schema(event_type), formats=_FORMATS, keywords=_KEYWORDS
            )
        _check(self._tolerant[event_type], event_type, data)

    def _file(self, event_type: str, kind: str) -> Path:
        producer, event, version = event_type.split(".")
        return self.path / "events" / producer / event / f"{version}.{kind}.json"


def whole(schema: dict[str, Any], find: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """A schema merged with those in its ``allOf``; ``find`` resolves a relative reference."""
    if "allOf" not in schema:
        return schema
    own = {name: value for name, value in schema.items() if name != "allOf"}
    for part in schema["allOf"]:
        state = whole(find(part["$ref"]), find)
        own["properties"] = state["properties"] | own.get("properties", {})
        own["required"] = [*state.get("required", []), *own.get("required", [])]
        if "x-amounts" in state:
            own["x-amounts"] = state["x-amounts"]
    return own


def is_event_type(value: Any) -> bool:
    """Whether a value has the form ``<producer>.<event>.v<major>``."""
    return isinstance(value, str) and _TYPE.match(value) is not None


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _version(path: Path) -> str:
    return path.name.removesuffix(".schema.json")


def _validator(schema: dict[str, Any], **extensions: Any) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(schema, validate_formats=True, **extensions)


def _check(validator: jsonschema_rs.Validator, event_type: str, data: Any) -> None:
    for error in validator.iter_errors(data):
        place = "/".join(str(part) for part in error.instance_path) or "data"
        # The validator's message may quote the value, which may be personal data: truncate it.
        raise ContractError(f"{event_type}: {place}: {error.message[:200]}")


def _close(schema: Any) -> Any:
    closed = copy.deepcopy(schema)
    _close_in_place(closed)
    return closed


def _close_in_place(node: Any) -> None:
    if isinstance(node, dict):
        if "properties" in node:
            node.setdefault("additionalProperties", False)
        for child in node.values():
            _close_in_place(child)
    elif isinstance(node, list):
        for child in node:
            _close_in_place(child)
