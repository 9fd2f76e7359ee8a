"""The auth service: its features, nothing else."""

from kehu_auth import authority, environment, first_start
from kehu_chassis.runtime.service import Service

service = Service(
    name="auth",
    package="kehu_auth",
    features=[
        "departments",
        "roles",
        "passwords",
        "throttle",
        "keys",
        "sessions",
        "users",
        "account",
        "policy",
        "audit",
        "settings",
    ],
    directory=False,
    authority=authority.build,
    configuration=environment.internal_key,
    first_start=first_start.prepare,
    texts={
        "user": ("user", "用户"),
        "enabled": ("enabled", "启用"),
        "disabled": ("disabled", "停用"),
        "invalid-credentials": (
            "The user name or the password is wrong.",
            "用户名或密码错误。",
        ),
        "invalid-refresh-token": (
            "This session cannot go on: sign in again.",
            "会话无法继续，请重新登录。",
        ),
        "wrong-password": ("The old password is wrong.", "原密码错误。"),
        "password-unchanged": (
            "Choose another password than the old one.",
            "新密码不能与原密码相同。",
        ),
        "password-too-common": (
            "Everybody's first guess: choose another password.",
            "密码过于常见，请更换。",
        ),
        "password-is-username": (
            "The password may not be the user name.",
            "密码不能与用户名相同。",
        ),
        "bad-username": (
            "A user name consists of letters, digits and . _ @ + - only.",
            "用户名只能包含字母、数字和 . _ @ + -。",
        ),
        "bad-code": (
            "A code consists of small letters, digits, _ and - only, 50 at most.",
            "代码只能包含小写字母、数字、_ 和 -，最多 50 个字符。",
        ),
        "username-taken": (
            "There is already a user called {username}.",
            "用户名 {username} 已存在。",
        ),
        "last-administrator": (
            "Somebody must remain who can administer: make another administrator first.",
            "必须保留至少一名启用的系统管理员，请先指定其他管理员。",
        ),
        "department-exists": (
            "There is already a department {name} in the same place.",
            "同级部门中已有 {name}。",
        ),
        "department-not-empty": (
            "There are people or departments in this department.",
            "该部门下仍有人员或下级部门。",
        ),
        "circular": (
            "A department cannot be below itself.",
            "部门不能位于自身之下。",
        ),
    },
)
