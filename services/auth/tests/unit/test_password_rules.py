"""Which passwords are refused."""

import pytest

from kehu_auth.features.passwords import rules
from kehu_chassis.problems import Problem

NAMES = ["zhang.wei", "张伟", "z.wei.hz@example.com", "13912345678"]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short12", "wrong-length"),
        ("x1" * 64 + "y", "wrong-length"),
        ("password", "password-too-common"),
        ("PassWord123", "password-too-common"),
        ("ｐａｓｓｗｏｒｄ", "password-too-common"),
        ("~~~~~~~~~~", "password-too-common"),
        ("zhang.wei", "password-is-username"),
        ("ZHANG.WEI", "password-is-username"),
        ("iew.gnahz", "password-is-username"),
        ("zhang.wei1", "password-is-username"),
        ("ZhangWei2026", "password-is-username"),
        ("ｚｈａｎｇｗｅｉ２０２６！", "password-is-username"),
        ("wei-zhang-88", "password-is-username"),
        ("123zhang!!!", "password-is-username"),
        ("张伟张伟20261129", "password-is-username"),
        ("z.wei.hz1990", "password-is-username"),
        ("zhang\u200bwei1", "password-is-username"),
        ("kehu2026", "password-too-common"),
        ("Kehu@2026", "password-too-common"),
        ("KEHU-kehu", "password-too-common"),
        ("crm_admin_1", "password-too-common"),
        ("客户管理系统2026", "password-too-common"),
        ("zhangwei@kehu1", "password-too-common"),
        ("Password@2026", "password-too-common"),
        ("woaini1314520", "password-too-common"),
        ("P@ssw0rd!", "password-too-common"),
        ("qwerty2026", "password-too-common"),
        ("1qaz2wsx3edc", "password-too-common"),
        ("19900101", "password-too-common"),
        ("13800138000", "password-too-common"),
        ("13912345678", "password-too-common"),
        ("a" * 64 + "b" * 64, "password-too-common"),
        ("ab\u200b\u200b\u200b\u200b\u200b\u200b", "wrong-length"),
    ],
)
def test_bad_passwords_are_refused(password: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        rules.check(password, names=NAMES, field="new_password")
    assert caught.value.status == 422
    assert caught.value.errors[0]["pointer"] == "/new_password"
    assert caught.value.errors[0]["code"] == code


@pytest.mark.parametrize("password", ["correct horse", "客户客户关系管理系统", "Wk7#pd2qZx"])
def test_good_passwords_are_accepted(password: str) -> None:
    rules.check(password, names=NAMES, field="password")


def test_names_of_one_word_or_none_forbid_only_themselves() -> None:
    rules.check("correct horse", names=["", None, "x", "-"], field="password")


@pytest.mark.parametrize(
    ("other", "equal"),
    [
        ("Correct Horse", True),
        ("ｃｏｒｒｅｃｔ　ｈｏｒｓｅ", True),
        ("correct\u00a0horse ", True),
        ("cor\u00adrect horse", True),
        ("correct horse1", False),
        ("correct  horse", True),
        ("correcthorse", True),
    ],
)
def test_other_spellings_are_the_same_password(other: str, equal: bool) -> None:
    assert rules.same("correct horse", other) is equal
