"""Which values a setting accepts."""

from typing import Any

import pytest

from kehu_auth.features.settings import rules
from kehu_chassis.problems import Problem

INTEGER = {"type": "integer", "minimum": 1, "maximum": 60}
BY_LEVEL = INTEGER | {"type": "integer-by-level"}
CHOICE = {"type": "choice", "choices": ["directory", "full"]}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        (INTEGER, 1),
        (INTEGER, 60),
        (CHOICE, "full"),
        (BY_LEVEL, {}),
        (BY_LEVEL, {"key_account": 3, "ordinary": 12}),
    ],
)
def test_valid_values_are_accepted(setting: dict[str, Any], value: Any) -> None:
    rules.check(setting, value)


@pytest.mark.parametrize(
    ("setting", "value", "pointer", "code"),
    [
        (INTEGER, 0, "/value", "out-of-range"),
        (INTEGER, 61, "/value", "out-of-range"),
        (INTEGER, "6", "/value", "wrong-type"),
        (INTEGER, 6.0, "/value", "wrong-type"),
        (INTEGER, True, "/value", "wrong-type"),
        (INTEGER, None, "/value", "wrong-type"),
        (CHOICE, "secret", "/value", "not-a-choice"),
        (CHOICE, ["full"], "/value", "not-a-choice"),
        (BY_LEVEL, [], "/value", "wrong-type"),
        (BY_LEVEL, {"ordinary": 0}, "/value/ordinary", "out-of-range"),
        (BY_LEVEL, {"ordinary": "3"}, "/value/ordinary", "wrong-type"),
        (BY_LEVEL, {"../x": 3}, "/value", "bad-code"),
        (BY_LEVEL, {f"l{i}": 3 for i in range(101)}, "/value", "too-long"),
    ],
)
def test_bad_values_are_named(setting: dict[str, Any], value: Any, pointer: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        rules.check(setting, value)
    assert [(e["pointer"], e["code"]) for e in caught.value.errors] == [(pointer, code)]
