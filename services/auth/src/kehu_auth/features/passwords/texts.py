"""User-facing texts about passwords."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "sign-in-busy": (
            "Too many people are signing in or changing passwords. Try again in a second.",
            "当前登录或修改密码的人数过多，请稍候再试。",
        ),
        "password-too-common": (
            "This password is too easy to guess. Use several words, or more characters.",
            "此密码过于简单，容易被猜中，请使用多个词语或更多字符。",
        ),
        "password-is-username": (
            "The password may not consist of the user's names, even with digits added.",
            "密码不能由用户名、姓名或邮箱名构成，附加数字也不行。",
        ),
    },
)
