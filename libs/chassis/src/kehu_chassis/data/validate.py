"""Validators that report error codes; in place of ``marshmallow.validate``::

    from kehu_chassis.data import validate

    rank = ma.fields.Integer(validate=validate.Range(1, 5))

marshmallow's own messages are English sentences. These validators raise a :class:`Fault` instead:
it holds the code, which the HTTP edge copies into the problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import marshmallow as ma
from marshmallow import validate


class Fault(str):
    """An error code with its parameters: ``ma.ValidationError(Fault("too-short", min=1))``.

    It is a ``str``, as marshmallow accepts no other messages, and passes them on unchanged.
    """

    params: dict[str, Any]

    def __new__(cls, code: str, **params: Any) -> Fault:
        """The code as a text that carries its parameters."""
        fault = super().__new__(cls, code)
        fault.params = params
        return fault

    def format(self, *_args: object, **_values: object) -> Fault:
        """Itself: marshmallow formats values into its sentences, but a code takes none."""
        return self


class Range(validate.Range):
    """From ``min`` to ``max``, both included; either may be missing."""

    def __init__(self, min: Any = None, max: Any = None) -> None:
        fault = _limits(_plain(min), _plain(max), "too-small", "too-large", "out-of-range")
        super().__init__(min, max, error=fault)


class Length(validate.Length):
    """A length from ``min`` to ``max``, both included; either may be missing."""

    def __init__(self, min: int | None = None, max: int | None = None) -> None:
        super().__init__(min, max, error=_limits(min, max, "too-short", "too-long", "wrong-length"))


class OneOf(validate.OneOf):
    """One of some choices."""

    def __init__(self, choices: Iterable[Any]) -> None:
        choices = list(choices)
        super().__init__(choices, error=Fault("not-a-choice", choices=[str(c) for c in choices]))


class FullMatch(validate.Regexp):
    """The whole text matches the pattern; ``$`` alone would allow a line feed at the end."""

    regex: re.Pattern[str]

    def __init__(self, regex: str) -> None:
        super().__init__(regex, error=Fault("invalid"))

    def __call__(self, value: Any) -> Any:
        if self.regex.fullmatch(value) is None:
            raise ma.ValidationError(self.error)
        return value


def _limits(min: Any, max: Any, below: str, above: str, outside: str) -> Fault:
    """A single limit has a code of its own, as its text names only that limit."""
    if max is None:
        return Fault(below, min=min)
    if min is None:
        return Fault(above, max=max)
    return Fault(outside, min=min, max=max)


def _plain(limit: Any) -> Any:
    return limit if limit is None or isinstance(limit, int) else str(limit)
