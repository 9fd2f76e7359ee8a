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
    },
)
