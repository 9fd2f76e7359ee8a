"""User-facing texts about signing in and one's own account."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "invalid-credentials": ("The user name or the password is wrong.", "用户名或密码错误。"),
        "invalid-refresh-token": (
            "This session cannot continue. Sign in again.",
            "会话无法继续，请重新登录。",
        ),
        "wrong-password": ("The old password is wrong.", "原密码错误。"),
        "password-unchanged": (
            "The new password must differ from the old one.",
            "新密码不能与原密码相同。",
        ),
    },
)
