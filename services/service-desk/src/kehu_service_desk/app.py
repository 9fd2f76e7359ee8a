"""The service-desk service: its features, nothing else."""

from kehu_chassis.runtime.service import Service

service = Service(
    name="service-desk",
    package="kehu_service_desk",
    features=["customers", "notifications", "requests"],
    texts={
        "service request": ("service request", "服务请求"),
        "created": ("created", "新创建"),
        "assigned": ("assigned", "已分配"),
        "handled": ("handled", "已处理"),
        "archived": ("archived", "已归档"),
        "cancelled": ("cancelled", "已取消"),
        "other-customer": (
            "The previous request belongs to another customer.",
            "前一服务请求属于其他客户。",
        ),
    },
)
