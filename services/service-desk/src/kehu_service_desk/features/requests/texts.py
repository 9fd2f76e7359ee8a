"""User-facing texts about service requests."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "other-customer": (
            "The previous request belongs to another customer.",
            "前一服务请求属于其他客户。",
        ),
    },
    labels={
        "record": {
            "service-request": ("service request", "服务请求"),
        },
        "service-request.state": {
            "created": ("created", "新创建"),
            "assigned": ("assigned", "已分配"),
            "handled": ("handled", "已处理"),
            "archived": ("archived", "已归档"),
            "cancelled": ("cancelled", "已取消"),
        },
    },
)
