"""The customer service: its features, nothing else."""

from kehu_chassis.runtime.service import Service

service = Service(
    name="customer",
    package="kehu_customer",
    features=["registry", "contacts", "orders", "churn", "customers", "catalogue", "reference"],
    texts={
        "customer": ("customer", "客户"),
        "churn warning": ("churn warning", "流失预警"),
        "normal": ("normal", "正常"),
        "lost": ("lost", "流失"),
        "open": ("open", "待处理"),
        "reprieved": ("reprieved", "暂缓流失"),
        "confirmed": ("confirmed", "确认流失"),
        "recovered": ("recovered", "已挽回"),
        "customer-has-orders": (
            "A customer with orders cannot be deleted.",
            "已有订单的客户不能删除。",
        ),
        "duplicate-customer": (
            "There is a customer of this name or registration number already: {number}.",
            "已存在同名或同注册号的客户：{number}。",
        ),
        "in-the-future": ("This day is yet to come.", "该日期尚未到来。"),
        "in-the-past": ("This day is past.", "该日期已过。"),
        "last-contact": (
            "The last contact of a customer cannot be deleted.",
            "客户的最后一个联系人不能删除。",
        ),
        "not-reprieved": (
            "Take a measure first: a loss is confirmed only after at least one reprieve.",
            "请先暂缓流失并采取措施，之后才能确认流失。",
        ),
        "reports-in-circle": (
            "Nobody can report to themselves, not through others either.",
            "汇报关系不能形成循环。",
        ),
        "sales-code-in-use": (
            "The sales code {code} has orders: it cannot be taken from this customer.",
            "销售编码 {code} 已有订单，不能移除。",
        ),
        "sales-code-taken": (
            "The sales code {code} belongs to another customer.",
            "销售编码 {code} 已属于其他客户。",
        ),
    },
)
