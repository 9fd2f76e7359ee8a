"""User-facing texts about saved views."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "too-many-views": (
            "You have {max} saved views. Delete one first.",
            "您已有 {max} 个视图，请先删除一个。",
        ),
        "role-or-department": (
            "Name either a role or a department.",
            "请指定一个角色或一个部门。",
        ),
    },
)
