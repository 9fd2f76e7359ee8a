"""The marshmallow fields of every service, so that a kind of value is checked in only one way.

Sets the error codes of marshmallow's own fields, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import marshmallow as ma

from kehu_chassis import clock, money
from kehu_chassis.data import validate
from kehu_chassis.data.cleaning import clean
from kehu_chassis.data.validate import Fault

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile("-?(0|[1-9][0-9]*)")
_LONGEST_NUMBER = 100


def _wrong(kind: str) -> Fault:
    return Fault("wrong-type", type=kind)


def _temporal(kind: str) -> dict[str, Any]:
    return {"invalid": _wrong(kind), "invalid_awareness": _wrong(kind), "format": Fault("invalid")}


# The codes of marshmallow's own fields, set once for all schemas. `require_codes` rejects a field
# that is missing here, as its messages would be English sentences.
_CODES: dict[type[ma.fields.Field[Any]], dict[str, Any]] = {
    ma.fields.Field: {
        "required": Fault("required"),
        "null": Fault("null"),
        "validator_failed": Fault("invalid"),
    },
    ma.fields.String: {"invalid": _wrong("string"), "invalid_utf8": _wrong("string")},
    ma.fields.Email: {"invalid": _wrong("email address")},
    ma.fields.UUID: {"invalid_uuid": _wrong("UUID")},
    ma.fields.Number: {"invalid": _wrong("number"), "too_large": Fault("invalid")},
    ma.fields.Integer: {"invalid": _wrong("integer")},
    ma.fields.Float: {"special": Fault("invalid")},
    ma.fields.Decimal: {"special": Fault("invalid")},
    ma.fields.Boolean: {"invalid": _wrong("boolean")},
    ma.fields.Date: _temporal("date"),
    ma.fields.DateTime: _temporal("datetime"),
    ma.fields.List: {"invalid": _wrong("list")},
    ma.fields.Dict: {"invalid": _wrong("object")},
    ma.fields.Nested: {"type": _wrong("object")},
}
for _field, _codes in _CODES.items():
    _field.default_error_messages = _codes
ma.Schema.error_messages = {"type": _wrong("object"), "unknown": Fault("unknown-field")}


def require_codes(schema: Any) -> None:
    """Raise TypeError unless every error of a schema has a code."""
    for field in _fields(schema() if isinstance(schema, type) else schema, set()):
        codes: dict[str, Any] = {**field.error_messages}
        codes |= {repr(check): getattr(check, "error", None) for check in field.validators}
        for name, code in codes.items():
            if not isinstance(code, Fault):
                raise TypeError(f"{field.name} has no code for {name}: see {__name__}")


def _fields(schema: ma.Schema, seen: set[type]) -> Iterator[ma.fields.Field[Any]]:
    if type(schema) not in seen:
        seen.add(type(schema))
        for field in schema.load_fields.values():
            yield from _with_parts(field, seen)


def _with_parts(field: ma.fields.Field[Any], seen: set[type]) -> Iterator[ma.fields.Field[Any]]:
    yield field
    if isinstance(field, ma.fields.Nested):
        yield from _fields(field.schema, seen)
    for name in ("inner", "key_field", "value_field"):  # of a list, of a dictionary
        if part := getattr(field, name, None):
            yield from _with_parts(part, seen)


class _Clean(ma.fields.Field[Any]):
    """Text that is cleaned before it is validated; an empty one is null where that is allowed."""

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """See `data.cleaning`."""
        if isinstance(value, str):
            value = clean(value)
            if not value and self.allow_none:
                value = None
        return super().deserialize(value, attr, data, **kwargs)


class Text(_Clean, ma.fields.String):
    """Text of bounded length.  A required text may not be empty."""

    def __init__(self, *, max_length: int = 200, min_length: int = 0, **kwargs: Any) -> None:
        if kwargs.get("required") and not min_length:
            min_length = 1
        super().__init__(validate=validate.Length(min_length, max_length), **kwargs)
        self._max_length, self._may_be_empty = max_length, min_length == 0

    def require(self) -> None:
        """Reject missing and empty values from now on."""
        self.required, self.allow_none, self._may_be_empty = True, False, False
        self.validators = [validate.Length(1, self._max_length)]

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not text and not self._may_be_empty:
            raise ma.ValidationError(Fault("too-short", min=1))
        return text


class Email(_Clean, ma.fields.Email):
    """An e-mail address."""


class Website(Text):
    """The address of a website, with or without ``http://`` or ``https://``.

    Other schemes are rejected, as a browser would run ``javascript:`` addresses.
    """

    # Without a scheme the host must have a dot, as ``javascript:1/alert()`` would look like one
    # with a port.
    _ADDRESS = r"(?i:https?://[^\s/?#@]+|[^\s/:?#@]+\.[^\s/:?#@.]+(:[0-9]{1,5})?)([/?#]\S*)?"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [*self.validators, validate.FullMatch(self._ADDRESS)]
        self.metadata = {"example": "https://www.example.com", **self.metadata}


class Money(ma.fields.Decimal):
    """An amount of money; a decimal string in JSON, in only one spelling.

    ``currency`` names the field or attribute beside it that has its currency: responses have the
    decimals of the currency. Whether a request does is checked by `data.amounts`, as the currency
    may be that of the stored record.
    """

    def __init__(
        self, *, negative: bool = False, currency: str = "currency", **kwargs: Any
    ) -> None:
        sign = "-?" if negative else ""
        metadata = {"example": "1250.00", "pattern": rf"^{sign}{money.SPELLING}$"}
        super().__init__(
            as_string=True,
            allow_nan=False,
            metadata=metadata | kwargs.pop("metadata", {}),
            **kwargs,
        )
        self.currency = currency
        # Not a validator of the field: the contract would state its limits as limits of a text.
        self._in_range = validate.Range(-money.LARGEST if negative else 0, money.LARGEST)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Decimal:
        if not isinstance(value, str):  # most clients write JSON numbers as binary fractions
            raise ma.ValidationError(_wrong("string"))
        if len(value) > _LONGEST_NUMBER or not money.NUMBER.fullmatch(value):
            raise ma.ValidationError(Fault("amount-spelling"))
        amount = Decimal(value) + 0  # no negative zero
        self._in_range(amount)
        if len(value.partition(".")[2]) > money.DECIMALS:
            raise ma.ValidationError(Fault("too-precise", max=money.DECIMALS))
        return amount

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if value is not None:
            code = ma.utils.get_value(obj, self.currency, None) or default_currency()
            value = money.shown(Decimal(value), code)
        return super()._serialize(value, attr, obj, **kwargs)


class Integer(ma.fields.Integer):
    """A whole number, also as text, as queries have it: in plain digits."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if isinstance(value, str) and not _WHOLE.fullmatch(value):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class Currency(ma.fields.String):
    """The code of a currency by ISO 4217 in which there can be amounts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.FullMatch(r"^[A-Z]{3}$"), **kwargs)
        self.metadata = {"example": "CNY", **self.metadata}

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        code: str = super()._deserialize(value, attr, data, **kwargs)
        if re.fullmatch("[A-Z]{3}", code) and not money.is_currency(code):
            raise ma.ValidationError(Fault("unknown-currency", currency=code))
        return code


class StrictBoolean(ma.fields.Boolean):
    """``true`` or ``false`` in a JSON body; "off", "T" or 0 are neither.

    Queries, where everything is text, use marshmallow's own.
    """

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


_default_currency = "CNY"


def use_default_currency(code: str) -> None:
    """Set the default currency of new amounts (KEHU_CURRENCY)."""
    global _default_currency
    _default_currency = code


def default_currency() -> str:
    """The default currency of new amounts; suitable for ``load_default``."""
    return _default_currency


class Timestamp(ma.fields.AwareDateTime):
    """A timestamp with its offset from UTC, in ISO format."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        timestamp = super()._deserialize(value, attr, data, **kwargs)
        try:
            # A timestamp outside the UTC calendar could be stored, but never read again.
            timestamp.astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None
        return timestamp


class Moment(Timestamp):
    """A timestamp, or a day of the company: its beginning, or with ``end`` its last moment."""

    def __init__(self, *, end: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._end = end
        part = "the whole day" if end else "its beginning"
        self.metadata = {
            "description": f"A moment, or a day of the company such as 2027-03-01: {part}.",
            "format": "date-time or date",
            **self.metadata,
        }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            return super()._deserialize(value, attr, data, **kwargs)
        try:
            day = date.fromisoformat(value)
            next_day = day + timedelta(days=1)
        except (ValueError, OverflowError):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None
        begin = datetime.combine(next_day if self._end else day, time(), clock.timezone())
        moment = begin.astimezone(UTC)
        return moment - timedelta(microseconds=1) if self._end else moment


class CommaList(ma.fields.List[Any]):
    """Several values in one query parameter: ``status=open,won``."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[Any]:
        parts = value.split(",") if isinstance(value, str) else value
        result: list[Any] = super()._deserialize(parts, attr, data, **kwargs)
        return result


class _Names(ma.fields.List[Any]):
    """Names that the API chooses: sent as they are, never received."""

    def __init__(self, description: str) -> None:
        metadata = {"description": description}
        super().__init__(ma.fields.String(), required=True, dump_only=True, metadata=metadata)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value


class Actions(_Names):
    """What the caller may do to a record now; every record with an address has it, and
    `records.actions` fills it. ``model`` is that of the record if it is not the schema's."""

    def __init__(self, *, model: type | None = None) -> None:
        super().__init__(
            "The ids of the operations that the caller may call on this record now; those that"
            " only read are listed if not every reader may call them."
        )
        self.model = model


class Editable(_Names):
    """Those of the shown fields of a record that the caller may send now, where these are not
    always all."""

    def __init__(self) -> None:
        super().__init__("Those of these fields that the caller may send now.")
