"""User-facing texts about signing in and one's own account."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "invalid-credentials": ("The user name or the password is wrong.", "用户名或密码错误。"),
        "invalid-refresh-token": (
            "This session cannot continue. Sign in again.",
            "会话无法继续，请重新登录。",
        ),
        "session-of-browser": (
            "You are signed in with a browser, whose scripts get no tokens."
            " Change the password by PUT /api/v1/auth/session/password.",
            "您通过浏览器登录，其脚本不会获得令牌；"
            "请使用 PUT /api/v1/auth/session/password 修改密码。",
        ),
        "wrong-password": ("The old password is wrong.", "原密码错误。"),
        "password-unchanged": (
            "The new password must differ from the old one.",
            "新密码不能与原密码相同。",
        ),
    },
    labels={
        "field": {
            "access_token": ("Access token", "访问令牌"),
            "device_token": ("Device token", "设备令牌"),
            "expires_in": ("Expires in (seconds)", "有效期（秒）"),
            "new_password": ("New password", "新密码"),
            "old_password": ("Old password", "原密码"),
            "otp": ("One-time code", "动态验证码"),
            "refresh_token": ("Refresh token", "刷新令牌"),
            "token_type": ("Token type", "令牌类型"),
            "user": ("User", "用户"),
        },
        "token.type": {
            "Bearer": ("Bearer", "Bearer"),
        },
    },
)
