"""Whether a value fits a setting's type and limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kehu_chassis.problems import invalid

MAX_LEVELS = 100
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")


def check(setting: Mapping[str, Any], value: Any) -> None:
    """Raise 422 about ``value`` unless it fits the setting's contract."""
    kind = setting["type"]
    if kind == "choice":
        if value not in setting["choices"]:
            raise invalid("/value", "not-a-choice", choices=setting["choices"])
    elif kind == "integer":
        _check_integer(setting, "/value", value)
    elif kind == "integer-by-level":
        if not isinstance(value, dict):
            raise invalid("/value", "wrong-type", type="object")
        if len(value) > MAX_LEVELS:
            raise invalid("/value", "too-long", max=MAX_LEVELS)
        for level, number in value.items():
            if not _CODE.fullmatch(level):
                raise invalid("/value", "bad-code")
            _check_integer(setting, f"/value/{level}", number)
    else:
        raise ValueError(f"the contract names an unknown type of setting: {kind}")


def _check_integer(setting: Mapping[str, Any], pointer: str, value: Any) -> None:
    if type(value) is not int:
        raise invalid(pointer, "wrong-type", type="integer")
    if not setting["minimum"] <= value <= setting["maximum"]:
        raise invalid(pointer, "out-of-range", min=setting["minimum"], max=setting["maximum"])
