"""User-facing texts of notifications."""

from kehu_chassis.texts import Texts

_TITLES = {
    "opportunity-assigned": ("An opportunity was assigned to you", "您有新分配的销售机会"),
    "opportunity-reassigned": (
        "Your opportunity was assigned to somebody else",
        "您的销售机会已转给他人",
    ),
    "request-assigned": ("A service request was assigned to you", "您有新分配的服务请求"),
    "request-reassigned": (
        "Your service request was assigned to somebody else",
        "您的服务请求已转给他人",
    ),
    "request-reopened": (
        "The customer is not satisfied. Handle the request again",
        "客户不满意，请重新处理服务请求",
    ),
    "request-in-another-round": (
        "A service request goes into another round",
        "服务请求需再次处理",
    ),
    "churn-warned": ("A customer may be lost", "客户流失预警"),
    "churn-warned-never-ordered": ("A customer may be lost", "客户流失预警"),
    "churn-warned-unmanaged": (
        "Customers without a manager may be lost",
        "无客户经理的客户流失预警",
    ),
    "churn-unattended": ("A churn warning is unattended", "流失预警无人处理"),
    "customer-lost": ("A customer was lost", "客户已确认流失"),
    "customer-namesake": (
        "Two customers have one name and different registration numbers",
        "两个客户同名但注册号不同",
    ),
    "notice-opportunity-won-for-managed-customer": (
        "An opportunity was won for a customer whom somebody else manages",
        "客户经理以外的人赢得了该客户的销售机会",
    ),
    "notice-customer-assigned": ("You manage another customer", "您有新分配的客户"),
    "notice-customer-reassigned": (
        "Your customer was given to somebody else",
        "您的客户已转给他人",
    ),
    "notice-customer-needs-manager": (
        "A new customer has no manager",
        "新客户没有客户经理",
    ),
    "notice-churn-review-due": (
        "A reprieved churn warning is due for review",
        "暂缓流失的客户需复查",
    ),
    "customer-notice": ("A notice about a customer", "客户提醒"),
}

TEXTS = Texts(
    labels={
        "field": {
            "count": ("Count", "数量"),
            "openable": ("May be opened", "可以打开"),
            "marked": ("Marked", "标为已读数"),
            "read_at": ("Read at", "阅读时间"),
            "record_id": ("Record id", "记录编号"),
            "record_type": ("Record type", "记录类型"),
            "unread": ("Unread", "未读"),
            "until": ("Until", "截至"),
        },
        "notification.title": _TITLES,
        "notification.code": _TITLES,
        "notification.body": {
            "opportunity-assigned": (
                "{number} {customer_name}: {summary}",
                "{number} {customer_name}：{summary}",
            ),
            "opportunity-reassigned": (
                "{number} {customer_name}: {summary}",
                "{number} {customer_name}：{summary}",
            ),
            "request-assigned": (
                "{number} {customer_name}: {summary}",
                "{number} {customer_name}：{summary}",
            ),
            "request-reassigned": (
                "{number} {customer_name}: {summary}",
                "{number} {customer_name}：{summary}",
            ),
            "request-reopened": (
                "{number} {customer_name}: {summary} (satisfaction {satisfaction}, round {round})",
                "{number} {customer_name}：{summary}（满意度 {satisfaction}，第 {round} 轮）",
            ),
            "request-in-another-round": (
                "{number} {customer_name}: {summary} (satisfaction {satisfaction}, round {round})",
                "{number} {customer_name}：{summary}（满意度 {satisfaction}，第 {round} 轮）",
            ),
            "churn-warned": (
                "{customer_number} {customer_name}: no order since {last_order_on}",
                "{customer_number} {customer_name}：自 {last_order_on} 起没有订单",
            ),
            "churn-warned-never-ordered": (
                "{customer_number} {customer_name} has never ordered",
                "{customer_number} {customer_name}：从未下单",
            ),
            "churn-warned-unmanaged": (
                "{count:new churn warning|new churn warnings} of customers without a manager",
                "{count} 个无客户经理的客户新增流失预警",
            ),
            "churn-unattended": (
                "{customer_number} {customer_name}: no measure since the warning of {opened_on}",
                "{customer_number} {customer_name}：{opened_on} 预警后尚无措施",
            ),
            "customer-lost": (
                "{customer_number} {customer_name}: {reason}",
                "{customer_number} {customer_name}：{reason}",
            ),
            "customer-namesake": (
                "{customer_number} {customer_name}: {namesake_number} has the same name. Check"
                " whether they are one company.",
                "{customer_number} {customer_name}：与 {namesake_number} 同名，请核实。",
            ),
            "notice-opportunity-won-for-managed-customer": (
                "{customer_number} {customer_name}: opportunity {opportunity_number}",
                "{customer_number} {customer_name}：销售机会 {opportunity_number}",
            ),
            "notice-customer-assigned": (
                "{customer_number} {customer_name}",
                "{customer_number} {customer_name}",
            ),
            "notice-customer-reassigned": (
                "{customer_number} {customer_name}",
                "{customer_number} {customer_name}",
            ),
            "notice-customer-needs-manager": (
                "{customer_number} {customer_name}: whoever won it cannot manage it. Assign a"
                " manager.",
                "{customer_number} {customer_name}：赢单人不能担任其客户经理，请指定客户经理。",
            ),
            "notice-churn-review-due": (
                "{customer_number} {customer_name}: review on {next_review_on}",
                "{customer_number} {customer_name}：复查日期 {next_review_on}",
            ),
            "customer-notice": (
                "{customer_number} {customer_name}: {kind}",
                "{customer_number} {customer_name}：{kind}",
            ),
        },
    },
)
