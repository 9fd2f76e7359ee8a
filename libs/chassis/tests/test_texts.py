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


LABELLED = Texts(
    labels={
        "field": {
            "opened_at": ("Opened", "打开时间"),
            "title": ("Title", "标题"),
            "Door.title": ("Name plate", "门牌"),
        },
        "door.state": {"open": ("ajar", "敞开"), "shut": ("shut", "关闭")},
        "case.state": {"open": ("new", "新"), "shut": ("done", "完成"), "void": ("void", "作废")},
        "case.kind": {"open": ("public", "公开"), "shut": ("private", "不公开")},
    }
)


def test_a_field_has_one_label_or_another_in_one_schema() -> None:
    assert LABELLED.field("title") == LABELLED.field("title", "Case") == ("Title", "标题")
    assert LABELLED.field("title", "Door") == ("Name plate", "门牌")
    assert LABELLED.field("opened_at_to") == ("Opened, to", "打开时间（止）")
    assert LABELLED.field("colour") is LABELLED.field("colour_from") is None


def test_an_enumeration_has_the_labels_of_the_context_that_knows_its_codes() -> None:
    assert LABELLED.of_codes(["void", "open"]) == {"void": ("void", "作废"), "open": ("new", "新")}
    assert LABELLED.of_codes(["open", "shut"]) is None, "a door's state or a case's kind"
    assert LABELLED.of_codes(["shut"], "kind") == {"shut": ("private", "不公开")}
    assert LABELLED.of_codes(["open", "ajar"]) is None


def test_sort_orders_have_the_labels_of_the_fields() -> None:
    assert LABELLED.of_codes(["title", "-opened_at"]) == {
        "title": ("Title", "标题"),
        "-opened_at": ("Opened, descending", "打开时间（降序）"),
    }


def test_the_callers_own_language_is_taken_without_a_preference() -> None:
    assert language_of(None, "zh") == language_of("fr", "zh") == "zh"
    assert language_of("en", "zh") == "en"
    assert language_of(None, "tlh") == "en"
