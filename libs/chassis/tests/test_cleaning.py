"""Text is the same on every way in: outer space and what nobody can see are gone."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
import pytest

from kehu_chassis.data import fields
from kehu_chassis.data.cleaning import clean, clean_values


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Acme  ", "Acme"),
        ("\u3000客户\u00a0\u2003", "客户"),
        ("\t\r\nAcme\n", "Acme"),
        ("\ufeffAcme\u200b", "Acme"),
        ("Ac\u200bme", "Acme"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\u2066Acme\u2069", "Acme"),
        ("Ac\x1b[31mme", "Ac[31mme"),
        ("Ac\x07me\x9b", "Acme"),
        ("soft\u00adhyphen", "softhyphen"),
        (" \u200b Acme", "Acme"),
        # Inner space stays as it was.
        ("Acme  and\u3000Co", "Acme  and\u3000Co"),
        ("first line\n\nsecond\tline", "first line\n\nsecond\tline"),
        # Visible together with others.
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("葛\U000e0100", "葛\U000e0100"),
        # Nothing to see.
        ("", ""),
        (" \u3000\t", ""),
        ("\u200b\u200d\ufe0f", ""),
        ("\u3164\u115f", ""),
        ("\u2800 \u2800", ""),
    ],
)
def test_outer_space_and_invisible_characters_are_removed(given: str, kept: str) -> None:
    assert clean(given) == kept
    assert clean(kept) == kept


def test_every_text_of_a_value_is_clean_and_empty_members_are_left_out() -> None:
    given = {
        "a": " x ",
        "b": "  ",
        "c": None,
        "d": [{"e": "\u200b", "f": " y"}],
        "g": 0,
        "h": False,
    }
    assert clean_values(given) == {"a": "x", "d": [{"f": "y"}], "g": 0, "h": False}


class Form(ma.Schema):
    """A field of each kind."""

    name = fields.Text(required=True, max_length=5)
    remark = fields.Text(allow_none=True, max_length=5)
    filter = fields.Text(max_length=5)
    email = fields.Email(allow_none=True)
    website = fields.Website(allow_none=True)
    tags = ma.fields.List(fields.Text(max_length=5, min_length=1))
    codes = fields.CommaList(fields.Text(max_length=5))


def load(**given: Any) -> Any:
    return Form().load({"name": "x", **given})


def test_a_form_gets_clean_values_and_null_for_empty_ones() -> None:
    assert load(name=" Acme\u200b ", remark=" \u3000", email=" ", website="", tags=[" a "]) == {
        "name": "Acme", "remark": None, "email": None, "website": None, "tags": ["a"],
    }  # fmt: skip
    assert load(filter="  ", codes=" a ,b ", email=" a@example.com\u200b") == {
        "name": "x", "filter": "", "codes": ["a", "b"], "email": "a@example.com",
    }  # fmt: skip


def test_lengths_are_those_of_the_clean_text() -> None:
    assert load(remark="   12345   ")["remark"] == "12345"


@pytest.mark.parametrize("blank", ["", "  ", "\u200b", "\u2800", "\n"])
def test_a_required_text_may_not_be_empty(blank: str) -> None:
    with pytest.raises(ma.ValidationError) as error:
        load(name=blank)
    assert error.value.messages == {"name": ["too-short"]}
    with pytest.raises(ma.ValidationError):
        load(tags=[blank])


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com", "HTTP://example.com/a?b=c#d", "www.example.com", "example.cn:8080/x",
        "http://localhost:3000", "https://客户.中国/关于", "example.com",
    ],
)  # fmt: skip
def test_the_address_of_a_website_is_kept(address: str) -> None:
    assert load(website=f" {address} ")["website"] == address


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)",
        "javascript:1/alert(1)",
        "javascript://example.com/%0aalert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
        "//example.com", "ftp://example.com", "https://", "https:/example.com",
        "mailto:a@example.com", "example", "https://a b.com", "https://user:secret@example.com",
        "\u0001javascript:alert(1)",
        "java.script:alert(1)", "example.com:javascript",
    ],
)  # fmt: skip
def test_an_address_that_a_browser_would_run_is_rejected(address: str) -> None:
    with pytest.raises(ma.ValidationError) as error:
        load(website=address)
    assert error.value.messages == {"website": ["invalid"]}
