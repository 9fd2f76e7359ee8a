"""The marshmallow fields every service uses, so that a kind of value is checked in one way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import marshmallow as ma
from marshmallow import validate

MAX_MONEY = Decimal("9999999999999999.99")
_CENT = Decimal("0.01")


class FullMatch(validate.Regexp):
    """The whole text is as the pattern says: to ``$`` alone a line feed at the end is no matter."""

    regex: re.Pattern[str]

    def __call__(self, value: Any) -> Any:
        if self.regex.fullmatch(value) is None:
            raise ma.ValidationError(self._format_error(value))
        return value


class Text(ma.fields.String):
    """Text of bounded length.  A required text may not consist of spaces alone."""

    def __init__(self, *, max_length: int = 200, min_length: int = 0, **kwargs: Any) -> None:
        if kwargs.get("required") and not min_length:
            min_length = 1
        super().__init__(validate=validate.Length(min_length, max_length), **kwargs)
        self._may_be_blank = min_length == 0

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not self._may_be_blank and not text.strip():
            raise ma.ValidationError("Shorter than minimum length 1.")
        return text


class Money(ma.fields.Decimal):
    """An amount of money: at most 18 digits, two of them decimals; a decimal string in JSON.

    However it is written, it becomes what the database will give back: ``1E+2`` is ``100.00``.
    """

    def __init__(self, *, negative: bool = False, **kwargs: Any) -> None:
        # Not a validator of the field: its limits would enter the contract as limits of a text.
        self._in_range = validate.Range(-MAX_MONEY if negative else 0, MAX_MONEY)
        sign = "-?" if negative else ""
        super().__init__(
            as_string=True,
            allow_nan=False,
            metadata={"example": "1250.00", "pattern": rf"^{sign}[0-9]{{1,16}}(\.[0-9]{{1,2}})?$"},
            **kwargs,
        )

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Decimal:
        if not isinstance(value, str):  # a JSON number is a binary fraction to most who write it
            raise ma.ValidationError("Not a valid string.")
        given: Decimal = super()._deserialize(value, attr, data, **kwargs)
        self._in_range(given)
        amount = given.quantize(_CENT)
        if amount != given:
            raise ma.ValidationError("At most two decimals.")
        return amount + 0  # there is no negative nothing


class Currency(ma.fields.String):
    """An ISO 4217 currency code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=FullMatch(r"^[A-Z]{3}$"), **kwargs)
        self.metadata = {"example": "CNY", **self.metadata}


class StrictBoolean(ma.fields.Boolean):
    """``true`` or ``false`` in a JSON body; "off", "T" or 0 are neither.

    In queries, where all is text, stands marshmallow's own.
    """

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


_default_currency = "CNY"


def use_default_currency(code: str) -> None:
    """Set the currency of new amounts for which none is named (KEHU_CURRENCY)."""
    global _default_currency
    _default_currency = code


def default_currency() -> str:
    """The currency of new amounts for which none is named; fit for ``load_default``."""
    return _default_currency


class Timestamp(ma.fields.AwareDateTime):
    """A moment with its offset from UTC, in ISO form."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        moment = super()._deserialize(value, attr, data, **kwargs)
        try:
            # What has no place in the calendar in UTC could be stored, but never read again.
            moment.astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None
        return moment


class CommaList(ma.fields.List[Any]):
    """Several values in one query parameter: ``status=open,won``."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[Any]:
        parts = value.split(",") if isinstance(value, str) else value
        result: list[Any] = super()._deserialize(parts, attr, data, **kwargs)
        return result


class EntitySchema(ma.Schema):
    """What every record shows of itself."""

    id = ma.fields.UUID(required=True)
    created_at = Timestamp(required=True)
    created_by = ma.fields.UUID(required=True)
    updated_at = Timestamp(required=True)
    updated_by = ma.fields.UUID(required=True)
    version = ma.fields.Integer(required=True)
