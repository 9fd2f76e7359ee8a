"""User-facing texts about where somebody is signed in."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "address": ("Address", "地址"),
            "current": ("This session", "当前会话"),
            "device": ("Device", "设备"),
            "ended": ("Sessions ended", "已结束的会话数"),
            "last_used_at": ("Last used at", "最近使用时间"),
        },
    },
)
