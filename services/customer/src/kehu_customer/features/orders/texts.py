"""User-facing texts about orders."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "sales-code-taken": (
            "The sales code {code} belongs to another customer.",
            "销售编码 {code} 已属于其他客户。",
        ),
        "unknown-sales-code": (
            "The sales system has not announced the code {sales_code} and has no order under it.",
            "销售系统尚未发布编码 {sales_code}，也没有该编码的订单。",
        ),
    },
)
