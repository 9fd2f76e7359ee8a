"""What people read of customers."""

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
        "customer.level": {
            "strategic_partner": ("Strategic partner", "战略合作伙伴"),
            "partner": ("Partner", "合作伙伴"),
            "key_account": ("Key account", "大客户"),
            "to_develop": ("To develop", "重点开发客户"),
            "ordinary": ("Ordinary", "普通客户"),
        },
    },
)
