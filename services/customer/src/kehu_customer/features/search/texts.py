"""User-facing texts about the search box."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "search.type": {
            "customer": ("Customer", "客户"),
            "contact": ("Contact", "联系人"),
            "order": ("Order", "订单"),
        },
    },
)
