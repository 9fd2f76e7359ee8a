"""Amounts of a record in the decimals of their currencies.

A use case calls `fit` for the amounts and currencies that it sets, as a request may name only one
of the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import inspect

from kehu_chassis import money
from kehu_chassis.data.columns import limits_of
from kehu_chassis.data.fields import default_currency
from kehu_chassis.problems import Problem, field_error


def fit(model: Any, values: Mapping[str, Any], record: Any = None) -> dict[str, Any]:
    """The values with each amount in the decimals of its currency, also the amounts of the
    ``record`` that they change if they change the currency.

    Raises a 422 that reports each amount with more decimals than its currency has.
    """
    fitted, errors = dict(values), []
    for name, currency in _amounts(model).items():
        if name not in values and currency not in values:
            continue
        amount = values.get(name) if name in values else getattr(record, name, None)
        code = values.get(currency) if currency in values else getattr(record, currency, None)
        if amount is None:
            continue
        try:
            fitted[name] = money.exact(amount, code or default_currency())
        except money.TooPrecise as fault:
            errors.append(field_error(f"/{name}", "too-precise", max=fault.decimals))
    if errors:
        raise Problem(422, "validation-failed", errors=errors)
    return fitted


def fit_record(record: Any, changed: Mapping[str, Any]) -> None:
    """The same for a record in which these values have been set."""
    for name, amount in fit(_model(record), changed, record).items():
        setattr(record, name, amount)


def shown(record: Any) -> dict[str, Any]:
    """The amounts of a record as they are published: in the decimals of their currencies."""
    return {
        name: money.shown(amount, getattr(record, currency, None) or default_currency())
        for name, currency in _amounts(_model(record)).items()
        if (amount := getattr(record, name)) is not None
    }


@cache
def _amounts(model: Any) -> dict[str, str]:
    """The amounts of a model, and the column of the currency of each."""
    limits = {column.key: limits_of([column]) for column in inspect(model).columns}
    return {name: one.currency for name, one in limits.items() if one.kind == "amount"}


def _model(record: Any) -> Any:
    return type(record)
