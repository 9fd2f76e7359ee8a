"""User-facing texts of contribution."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "customers": ("Customers", "客户数"),
            "order_no": ("Order number", "订单编号"),
            "ordered": ("Ordered", "下单金额"),
            "orders": ("Orders", "订单数"),
            "orders_with_profit": ("Orders with profit", "有利润的订单数"),
            "profit": ("Profit", "利润"),
            "returned": ("Returned", "退货金额"),
            "totals": ("Totals", "合计"),
        },
        "sale.kind": {
            "order": ("Order", "订单"),
            "return": ("Return", "退货"),
        },
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
