"""Notifications are rendered in both languages, whatever their parameters."""

import string

import pytest

from kehu_service_desk.features.notifications import rules
from kehu_service_desk.features.notifications.texts import TEXTS


@pytest.mark.parametrize("code", rules.CODES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_code_has_texts_in_both_languages(code: str, language: str) -> None:
    title, body = rules.render(code, {}, 1, language)
    assert title
    assert body
    is_chinese = any("\u4e00" <= char <= "\u9fff" for char in title)
    assert is_chinese == (language == "zh")


@pytest.mark.parametrize("code", rules.CODES)
def test_both_languages_name_the_same_parameters(code: str) -> None:
    english, chinese = TEXTS.labels["notification.body"][code]
    assert _names(english) == _names(chinese)


def test_unknown_values_show_as_a_dash() -> None:
    _, body = rules.render("customer-lost", {"customer_name": "A", "reason": None}, 1, "en")
    assert body == "– A: –"


def test_text_of_people_is_never_a_template() -> None:
    _, body = rules.render("customer-lost", {"reason": "{count.__class__}"}, 1, "en")
    assert body.endswith("{count.__class__}")


def test_a_code_without_text_is_shown_as_it_is() -> None:
    assert rules.render("later", {}, 1, "zh") == ("later", "")


def test_a_notice_of_an_unknown_kind_has_the_general_text() -> None:
    assert rules.code_of_notice("unknown") == "customer-notice"


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}
