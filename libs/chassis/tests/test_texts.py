"""Sentences and labels in both languages; features cannot overwrite each other's texts."""

from __future__ import annotations

import pytest

from kehu_chassis.problems import Problem, wrong_state
from kehu_chassis.texts import Text, Texts, language_of, merged

ALL = merged(
    [
        Texts(problems={"wrong-state": ("The {record} is {state}.", "{record}{state}。")}),
        Texts(
            problems={"two": ("{a} and {b}", "{a} 与 {b}")},
            labels={"record": {"door": ("door", "门")}, "door.state": {"open": ("ajar", "敞开")}},
        ),
        Texts(labels={"record": {"case": ("case", "案件")}, "case.state": {"open": ("new", "新")}}),
    ]
)


def test_the_language_follows_accept_language() -> None:
    for header, language in (
        (None, "en"), ("", "en"), ("*", "en"), ("fr", "en"), ("EN-us", "en"), ("zh-TW", "zh"),
        ("fr, zh;q=0.1, en", "en"), ("en;q=0.1, zh", "zh"), ("zh;q=0, en;q=0.1", "en"),
        ("zh-CN,en;q=0.5", "zh"), ("nonsense;;q=x", "en"),
    ):  # fmt: skip
        assert language_of(header) == language, header


def test_sentences_are_filled_with_their_parameters() -> None:
    assert ALL.problem("two", {"a": 1, "b": [2, 3]}, "zh") == "1 与 2, 3"
    assert ALL.problem("two", {"a": 1}, "en") == "{a} and {b}", "incomplete, but no error"
    assert ALL.problem("no-such-code", {}, "en") == "no-such-code"
    assert Problem(418, "two", params={"a": 1, "b": 2}).document(ALL)["detail"] == "1 and 2"


def test_the_same_state_of_two_records_has_two_labels() -> None:
    detail = {
        record: wrong_state(record, "open").document(ALL, language=language)["detail"]
        for record, language in (("door", "en"), ("case", "zh"), ("gate", "en"))
    }
    assert detail == {"door": "The door is ajar.", "case": "案件新。", "gate": "The gate is open."}
    assert ALL.label("door.state", "shut", "en") == "shut"


@pytest.mark.parametrize(
    "again",
    [
        Texts(problems={"two": ("a pair", "一对")}),
        Texts(labels={"record": {"door": ("gate", "大门")}}),
    ],
)
def test_a_text_cannot_be_overwritten(again: Texts) -> None:
    with pytest.raises(ValueError, match="has two texts"):
        merged([ALL, again])


@pytest.mark.parametrize("text", [("a pair", ""), ("", "一对"), ("a pair",)])
def test_a_missing_language_is_rejected(text: Text) -> None:
    for part in (Texts(problems={"pair": text}), Texts(labels={"pair": {1: text}})):
        with pytest.raises(ValueError, match="lacks a language"):
            merged([ALL, part])


@pytest.mark.parametrize(("days", "shown"), [(0, "0 days"), (1, "1 day"), (2, "2 days")])
def test_numbers_have_a_singular_and_a_plural(days: int, shown: str) -> None:
    texts = Texts(problems={"wait": ("Wait {days:day|days}.", "请等待 {days} 天。")})
    assert texts.problem("wait", {"days": days}, "en") == f"Wait {shown}."
    assert texts.problem("wait", {"days": days}, "zh") == f"请等待 {days} 天。"
