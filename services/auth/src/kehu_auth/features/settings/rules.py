"""Whether a value fits a setting's type and limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kehu_chassis.problems import Problem, field_error

MAX_LEVELS = 100
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")


def check(setting: Mapping[str, Any], value: Any) -> None:
    """Raise 422 about ``value`` unless it fits what the contract says of the setting."""
    kind = setting["type"]
    if kind == "choice":
        if value not in setting["choices"]:
            raise _bad("/value", "not-a-choice", choices=setting["choices"])
    elif kind == "integer":
        _check_integer(setting, "/value", value)
    elif kind == "integer-by-level":
        if not isinstance(value, dict) or len(value) > MAX_LEVELS:
            raise _bad("/value", "wrong-type")
        for level, number in value.items():
            if not _CODE.fullmatch(level):
                raise _bad("/value", "bad-code")
            _check_integer(setting, f"/value/{level}", number)
    else:
        raise ValueError(f"the contract names an unknown type of setting: {kind}")


def _check_integer(setting: Mapping[str, Any], pointer: str, value: Any) -> None:
    if type(value) is not int:
        raise _bad(pointer, "wrong-type")
    if not setting["minimum"] <= value <= setting["maximum"]:
        limits = {"minimum": setting["minimum"], "maximum": setting["maximum"]}
        raise _bad(pointer, "out-of-range", **limits)


def _bad(pointer: str, code: str, **params: Any) -> Problem:
    error = field_error(pointer, code, params=params)
    return Problem(422, "validation-failed", errors=[error])
