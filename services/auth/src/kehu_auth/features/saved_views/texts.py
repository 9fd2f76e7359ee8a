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
    labels={
        "field": {
            "columns": ("Columns", "列"),
            "filters": ("Filters", "筛选条件"),
            "is_default": ("Default view", "默认视图"),
            "list_name": ("List", "列表"),
            "shared_with_department_id": ("Shared with the department", "共享给部门"),
            "shared_with_role": ("Shared with the role", "共享给角色"),
        },
        "permission": {"saved-view:share": ("Share saved views", "共享视图")},
    },
)
