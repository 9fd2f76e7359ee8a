"""User-facing texts about the configuration of clients."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "currency": ("Default currency", "默认币种"),
            "features": ("Features switched on", "已启用的功能"),
            "languages": ("Languages", "语言"),
            "limits": ("Limits", "限制"),
            "max_length": ("Greatest length", "最大长度"),
            "min_length": ("Least length", "最小长度"),
            "request_bytes": ("Largest request (bytes)", "请求大小上限（字节）"),
            "time_zone": ("Time zone", "时区"),
        },
    },
)
