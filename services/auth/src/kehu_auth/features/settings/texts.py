"""User-facing texts about system settings."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "bad-code": (
            "A code may contain only lower-case letters, digits, _ and -, at most 50 characters.",
            "代码只能包含小写字母、数字、_ 和 -，最多 50 个字符。",
        ),
    },
    labels={
        "field": {
            "choices": ("Choices", "可选值"),
            "default": ("Default", "默认值"),
            "description": ("Description", "说明"),
            "en": ("English", "英文"),
            "key": ("Setting", "设置项"),
            "maximum": ("Maximum", "最大值"),
            "minimum": ("Minimum", "最小值"),
            "value": ("Value", "值"),
            "zh": ("Chinese", "中文"),
        },
        "permission": {
            "setting:read": ("View system settings", "查看系统设置"),
            "setting:update": ("Change system settings", "修改系统设置"),
        },
        "setting.type": {
            "choice": ("Choice", "选项"),
            "integer": ("Whole number", "整数"),
            "integer-by-level": ("Whole number by customer level", "按客户等级的整数"),
        },
    },
)
