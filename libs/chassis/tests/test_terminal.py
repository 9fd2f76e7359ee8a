"""Texts of other systems are shown on a terminal, and not obeyed."""

import pytest

from kehu_chassis.terminal import visible


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plain 客户　é 👍", "plain 客户　é 👍"),
        ("\x1b[31mred", r"\u001b[31mred"),
        ("\x9b2J", r"\u009b2J"),
        ("a\rb\x08c\x7f", r"a\rb\bc\u007f"),
        ("\u202egnp.exe\u2066", r"\u202egnp.exe\u2066"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("\u2028line", r"\u2028line"),
        ("tag\U000e0041", r"tag\udb40\udc41"),
        ("lone \ud800", r"lone \ud800"),
    ],
)
def test_what_a_terminal_would_obey_is_made_visible(given: str, shown: str) -> None:
    assert visible(given) == shown
    assert visible(given, layout=True) == shown


def test_lines_and_tabs_stay_only_where_they_are_layout() -> None:
    assert visible("a\n\tb") == r"a\n\tb"
    assert visible("a\n\tb", layout=True) == "a\n\tb"
