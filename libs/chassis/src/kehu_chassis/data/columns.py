"""Columns with their limits, declared once: schemas take types and limits from here.

::

    title: Mapped[str] = text(100)
    remark: Mapped[str | None] = text(2000)
    status: Mapped[str] = code("open", "archived")
    score: Mapped[int] = whole(1, 5)
    tags: Mapped[list[str]] = texts(50, 50)
    budget: Mapped[Decimal | None] = amount("currency")
    currency: Mapped[str] = currency()
    closed_by: Mapped[UUID | None] = person()

A column that may not be null may not be blank either. Limits apply to requests only; the database
stores text of any length, so that a limit can change without a migration.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import MappedColumn, mapped_column

from kehu_chassis.data.fields import default_currency


@dataclass(frozen=True)
class Limits:
    """The values that callers may set; None where the type alone decides."""

    kind: str = ""  # person, amount, or a text of a special form: email, website, currency
    max_length: int | None = None
    choices: tuple[str, ...] | None = None
    minimum: int | None = None
    maximum: int | None = None
    count: int | None = None  # of the values of a list
    currency: str = ""  # of an amount: the column of its currency
    description: str = ""
    example: str = ""


def text(max_length: int, *, secret: bool = False, **options: Any) -> MappedColumn[Any]:
    """Text of limited length; ``secret`` keeps it out of the audit trail and of events."""
    return _column(Limits(max_length=max_length), secret, options)


def email(max_length: int = 200, *, secret: bool = False, **options: Any) -> MappedColumn[Any]:
    """An e-mail address."""
    return _column(Limits("email", max_length=max_length), secret, options)


def website(max_length: int = 500, **options: Any) -> MappedColumn[Any]:
    """The address of a website."""
    return _column(Limits("website", max_length=max_length), False, options)


def code(*choices: str, **options: Any) -> MappedColumn[Any]:
    """One of these codes."""
    return _column(Limits(choices=choices), False, options)


def whole(minimum: int, maximum: int, **options: Any) -> MappedColumn[Any]:
    """A whole number within these limits, both included."""
    return _column(Limits(minimum=minimum, maximum=maximum), False, options)


def texts(count: int, max_length: int, **options: Any) -> MappedColumn[Any]:
    """At most ``count`` texts of at most ``max_length`` characters each; the default is none."""
    limits = Limits(max_length=max_length, count=count)
    return _column(limits, False, {"default": list} | options, ARRAY(Text))


def currency(**options: Any) -> MappedColumn[Any]:
    """An ISO 4217 currency; the default is that of the installation."""
    return _column(Limits("currency"), False, {"default": default_currency} | options)


def person(**options: Any) -> MappedColumn[Any]:
    """The id of a person, which schemas show with the name beside it (`data.people`)."""
    return _column(Limits("person"), False, options)


def amount(currency: str, *, secret: bool = False, **options: Any) -> MappedColumn[Any]:
    """An amount of money; ``currency`` is the column that has its currency."""
    return _column(Limits("amount", currency=currency), secret, options)


def described(
    column: MappedColumn[Any], description: str = "", *, example: str = ""
) -> MappedColumn[Any]:
    """The same column with a description for the API's documentation."""
    limits: Limits = column.column.info.get("limits", Limits())
    column.column.info["limits"] = Limits(
        **{**vars(limits), "description": description, "example": example}
    )
    return column


def _column(
    limits: Limits, secret: bool, options: dict[str, Any], *types: Any
) -> MappedColumn[Any]:
    info = {"limits": limits} | ({"audit_secret": True} if secret else {})
    return mapped_column(*types, info=info | options.pop("info", {}), **options)


def limits_of(columns: Iterable[Any]) -> Limits:
    """The limits of the column behind an attribute."""
    return next((column.info["limits"] for column in columns if "limits" in column.info), Limits())
