"""User-facing texts about departments."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "department-exists": (
            "A department named {name} already exists in the same place.",
            "同级部门中已有 {name}。",
        ),
        "department-not-empty": (
            "This department still has people or departments.",
            "该部门下仍有人员或下级部门。",
        ),
        "circular": ("A department cannot be below itself.", "部门不能位于自身之下。"),
    },
    labels={
        "field": {
            "parent_id": ("Parent department", "上级部门"),
        },
        "permission": {
            "department:read": ("View departments", "查看部门"),
            "department:create": ("Create departments", "新建部门"),
            "department:update": ("Edit departments", "编辑部门"),
            "department:delete": ("Delete departments", "删除部门"),
        },
    },
)
