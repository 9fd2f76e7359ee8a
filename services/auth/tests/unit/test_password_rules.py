"""Which passwords are refused."""

import pytest

from kehu_auth.features.passwords import rules
from kehu_chassis.problems import Problem


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
    ],
)
def test_bad_passwords_are_refused(password: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        rules.check(password, username="zhang.wei", field="new_password")
    assert caught.value.status == 422
    assert caught.value.errors[0]["pointer"] == "/new_password"
    assert caught.value.errors[0]["code"] == code


@pytest.mark.parametrize("password", ["correct horse", "客户客户关系管理系统", "a" * 64 + "b" * 64])
def test_good_passwords_are_accepted(password: str) -> None:
    rules.check(password, username="zhang.wei", field="password")
