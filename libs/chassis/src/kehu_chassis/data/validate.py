"""What a value may be, and by which code it is refused; in place of ``marshmallow.validate``::

    from kehu_chassis.data import validate

    rank = ma.fields.Integer(validate=validate.Range(1, 5))

marshmallow's own messages are English sentences.  Here it carries a :class:`Fault` instead: the
check sets the code, and the HTTP edge copies it into the problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import marshmallow as ma
from marshmallow import validate


class Fault(str):
    """An error code with its parameters: ``ma.ValidationError(Fault("too-short", min=1))``.

    It is a ``str``, as marshmallow takes no other messages, and passes them on as they are.
    """

    params: dict[str, Any]

    def __new__(cls, code: str, **params: Any) -> Fault:
        """The code as a text, with the parameters beside it."""
        fault = super().__new__(cls, code)
        fault.params = params
        return fault

    def format(self, *_args: object, **_values: object) -> Fault:
        """Itself: marshmallow would put values into a sentence, but a code has no place for any."""
        return self


class Range(validate.Range):
    """From ``min`` to ``max``, both included; one of them may be missing."""

    def __init__(self, min: Any = None, max: Any = None) -> None:
        fault = _limits(_plain(min), _plain(max), "too-small", "too-large", "out-of-range")
        super().__init__(min, max, error=fault)


class Length(validate.Length):
    """A length from ``min`` to ``max``, both included; one of them may be missing."""

    def __init__(self, min: int | None = None, max: int | None = None) -> None:
        super().__init__(min, max, error=_limits(min, max, "too-short", "too-long", "wrong-length"))


class OneOf(validate.OneOf):
    """One of some choices."""

    def __init__(self, choices: Iterable[Any]) -> None:
        choices = list(choices)
        super().__init__(choices, error=Fault("not-a-choice", choices=[str(c) for c in choices]))


class FullMatch(validate.Regexp):
    """The whole text is as the pattern says: to ``$`` alone a line feed at the end is no matter."""

    regex: re.Pattern[str]

    def __init__(self, regex: str) -> None:
        super().__init__(regex, error=Fault("invalid"))

    def __call__(self, value: Any) -> Any:
        if self.regex.fullmatch(value) is None:
            raise ma.ValidationError(self.error)
        return value


def _limits(min: Any, max: Any, below: str, above: str, outside: str) -> Fault:
    """The code is another where there is only one limit, as its text names only that one."""
    if max is None:
        return Fault(below, min=min)
    if min is None:
        return Fault(above, max=max)
    return Fault(outside, min=min, max=max)


def _plain(limit: Any) -> Any:
    return limit if limit is None or isinstance(limit, int) else str(limit)
