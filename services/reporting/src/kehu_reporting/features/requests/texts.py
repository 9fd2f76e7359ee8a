"""User-facing texts of requests."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "archived": ("Archived", "已归档"),
            "archived_at": ("Archived at", "归档时间"),
            "cancelled": ("Cancelled", "已取消"),
            "handled_at": ("Handled at", "处理时间"),
            "priority": ("Priority", "优先级"),
            "rounds": ("Rounds", "处理轮数"),
            "summary": ("Summary", "概要"),
        },
        "service-request.type": {
            "consultation": ("Consultation", "咨询"),
            "suggestion": ("Suggestion", "建议"),
            "complaint": ("Complaint", "投诉"),
            "after_sales": ("After-sales", "售后"),
            "other": ("Other", "其他"),
        },
        "service-request.priority": {
            "low": ("Low", "低"),
            "normal": ("Normal", "普通"),
            "high": ("High", "高"),
            "urgent": ("Urgent", "紧急"),
        },
        "service-request.state": {
            "created": ("created", "新创建"),
            "assigned": ("assigned", "已分配"),
            "handled": ("handled", "已处理"),
            "archived": ("archived", "已归档"),
            "cancelled": ("cancelled", "已取消"),
        },
    },
)
