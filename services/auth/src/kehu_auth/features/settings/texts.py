"""User-facing texts about system settings."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "bad-code": (
            "A code may contain only lower-case letters, digits, _ and -, at most 50 characters.",
            "代码只能包含小写字母、数字、_ 和 -，最多 50 个字符。",
        ),
    },
)
