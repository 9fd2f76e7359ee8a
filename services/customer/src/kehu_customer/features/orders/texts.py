"""User-facing texts about orders."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "sales-code-in-use": (
            "The sales code {code} has orders. It cannot be taken from this customer.",
            "销售编码 {code} 已有订单，不能移除。",
        ),
        "sales-code-taken": (
            "The sales code {code} belongs to another customer.",
            "销售编码 {code} 已属于其他客户。",
        ),
    },
)
