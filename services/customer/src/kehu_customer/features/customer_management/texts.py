"""User-facing texts about creating and deleting customers."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "customer-has-orders": (
            "A customer with orders cannot be deleted.",
            "已有订单的客户不能删除。",
        ),
        "customer-has-open-work": (
            "This customer has {requests:open service request|open service requests} and"
            " {opportunities:open opportunity|open opportunities}. End them first, or delete with"
            " allow_open_work.",
            "该客户尚有未结事项：服务请求 {requests}，销售机会 {opportunities}。"
            "请先处理，或以 allow_open_work 确认删除。",
        ),
        "duplicate-customer": (
            "A customer of this name or registration number already exists: {number}.",
            "已存在同名或同注册号的客户：{number}。",
        ),
    },
)
