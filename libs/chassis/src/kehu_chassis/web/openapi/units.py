"""The units of numbers, where the kind or the name of a field tells them."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from kehu_chassis.data.fields import Money

_AMOUNT = "A decimal number as text, in the currency that the record names."
_DECIMAL = "A decimal number as text."
_BY_NAME = {"version": "Grows with each change; the ETag of the record."}


def describe(_converter: Any, field: Any, **_options: Any) -> dict[str, str]:
    """An attribute function of apispec: the description of a field that declares none."""
    if "description" in field.metadata or field.name is None:
        return {}
    if text := _unit(field):
        return {"description": text}
    return {}


def _unit(field: Any) -> str | None:
    if isinstance(field, Money):
        return _AMOUNT
    if isinstance(field, ma.fields.Decimal):
        return _DECIMAL
    if field.name == "seconds" or field.name.endswith("_seconds"):
        return "Seconds."
    return _BY_NAME.get(field.name)
