"""User-facing texts about customers."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "record": {
            "customer": ("customer", "客户"),
        },
        "customer.state": {
            "normal": ("normal", "正常"),
            "lost": ("lost", "流失"),
        },
        "customer.reactivation_cause": {
            "order": ("A new order", "新订单"),
            "opportunity": ("A won opportunity", "赢得销售机会"),
            "manual": ("By hand", "手工恢复"),
        },
    },
)
