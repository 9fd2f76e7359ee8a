"""User-facing texts of churn."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "by_manager": ("By account manager", "按客户经理"),
            "by_reason": ("By reason", "按原因"),
            "confirmed": ("Confirmed", "确认流失"),
            "confirmed_by": ("Confirmed by", "确认人"),
            "cut_off_on": ("Cut-off date", "截止日期"),
            "last_order_on": ("Last order on", "最近下单日期"),
            "lost": ("Lost", "流失数"),
            "lost_at": ("Lost at", "流失时间"),
            "manager_name": ("Account manager", "客户经理姓名"),
            "open": ("Open", "待处理"),
            "opened": ("Opened", "新增预警数"),
            "opened_at": ("Opened at", "预警时间"),
            "reason_code": ("Reason code", "原因代码"),
            "recovered": ("Recovered", "已挽回"),
            "reprieved": ("Reprieved", "暂缓流失"),
            "rescue_rate": ("Rescue rate", "挽回率"),
            "rescued": ("Rescued", "挽回数"),
            "warnings": ("Warnings", "流失预警"),
            "won_back": ("Won back", "赢回数"),
            "won_back_at": ("Won back at", "赢回时间"),
        },
        "churn-warning.state": {
            "open": ("open", "待处理"),
            "reprieved": ("reprieved", "暂缓流失"),
            "confirmed": ("confirmed", "确认流失"),
            "recovered": ("recovered", "已挽回"),
        },
        "churn-warning.kind": {
            "inactive": ("No recent order", "长期未下单"),
            "never_ordered": ("Never ordered", "从未下单"),
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
    },
)
