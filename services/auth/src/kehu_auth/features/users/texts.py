"""User-facing texts about users."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "bad-username": (
            "A user name may contain only letters, digits and . _ @ + -.",
            "用户名只能包含字母、数字和 . _ @ + -。",
        ),
        "username-taken": ("A user named {username} already exists.", "用户名 {username} 已存在。"),
        "last-administrator": (
            "This is the last administrator. Make another user an administrator first.",
            "必须保留至少一名启用的系统管理员，请先指定其他管理员。",
        ),
    },
    labels={
        "field": {
            "department": ("Department", "部门"),
            "role": ("Role", "角色"),
        },
        "permission": {
            "user:export": ("Export users", "导出用户"),
            "user:read": ("View users", "查看用户"),
            "user:create": ("Create users", "新建用户"),
            "user:update": ("Edit users", "编辑用户"),
            "user:disable": ("Disable and enable users", "停用和启用用户"),
            "user:reset-password": ("Reset passwords", "重置密码"),
            "user:sign-out": ("Sign users out", "强制用户下线"),
        },
        "record": {
            "user": ("user", "用户"),
        },
        "user.state": {
            "enabled": ("enabled", "启用"),
            "disabled": ("disabled", "停用"),
        },
        "user.locale": {
            "zh": ("Chinese", "中文"),
            "en": ("English", "英文"),
        },
    },
)
