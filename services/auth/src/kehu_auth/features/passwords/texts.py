"""User-facing texts about passwords."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "password-too-common": ("This password is too common.", "此密码过于常见，请更换。"),
        "password-is-username": (
            "The password may not be the user name.",
            "密码不能与用户名相同。",
        ),
    },
)
