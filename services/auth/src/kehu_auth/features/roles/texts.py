"""User-facing texts of roles."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "built_in": ("Built in", "内置"),
            "label_en": ("English name", "英文名称"),
            "label_zh": ("Chinese name", "中文名称"),
            "method": ("Method", "方法"),
            "operations": ("Operations", "接口操作"),
            "path": ("Path", "路径"),
            "summary": ("Summary", "概要"),
        },
        "permission": {
            "role:read": ("View roles and permissions", "查看角色和权限"),
        },
        "permission.scope": {
            "own": ("Own records", "本人数据"),
            "team": ("The team's records", "本团队数据"),
            "all": ("All records", "全部数据"),
        },
    },
)
