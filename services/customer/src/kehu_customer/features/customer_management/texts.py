"""User-facing texts about creating and deleting customers."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "customer-has-orders": (
            "A customer with orders cannot be deleted.",
            "已有订单的客户不能删除。",
        ),
        "duplicate-customer": (
            "A customer of this name or registration number already exists: {number}.",
            "已存在同名或同注册号的客户：{number}。",
        ),
    },
)
