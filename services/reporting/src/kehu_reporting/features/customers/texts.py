"""User-facing texts of customers."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "credit": ("Credit", "信用度"),
            "level": ("Level", "客户等级"),
            "missing": ("Missing field", "缺少的字段"),
            "name": ("Customer name", "客户名称"),
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
