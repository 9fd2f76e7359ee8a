"""What people read of orders."""

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
    labels={
        "order.status": {
            1: ("Placed", "已下单"),
            2: ("Confirmed", "已确认"),
            3: ("In preparation", "备货中"),
            4: ("Cancelled", "已取消"),
            5: ("Shipped", "已发货"),
            6: ("Paid", "已回款"),
        },
    },
)
