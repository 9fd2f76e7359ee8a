"""Codes with their labels, which people read everywhere."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "label_en": ("English name", "英文名称"),
            "label_zh": ("Chinese name", "中文名称"),
        },
        "customer.level": {
            "strategic_partner": ("Strategic partner", "战略合作伙伴"),
            "partner": ("Partner", "合作伙伴"),
            "key_account": ("Key account", "大客户"),
            "to_develop": ("To develop", "重点开发客户"),
            "ordinary": ("Ordinary", "普通客户"),
        },
        "customer.loss_reason": {
            "price": ("Price", "价格"),
            "quality": ("Quality", "质量"),
            "service": ("Service", "服务"),
            "delivery": ("Delivery", "交货"),
            "competitor": ("Competitor", "竞争对手"),
            "no_demand": ("No demand", "没有需求"),
            "closed_down": ("Closed down", "停业"),
            "relocated": ("Relocated", "迁址"),
            "no_contact": ("No contact", "失去联系"),
            "other": ("Other", "其他"),
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
