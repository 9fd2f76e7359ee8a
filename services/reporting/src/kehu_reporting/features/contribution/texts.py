"""User-facing texts of contribution."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "customers": ("Customers", "客户数"),
            "occurred_at": ("Occurred at", "发生时间"),
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
    },
)
