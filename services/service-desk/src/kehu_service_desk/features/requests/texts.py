"""User-facing texts about service requests."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "other-customer": (
            "The previous request belongs to another customer.",
            "前一服务请求属于其他客户。",
        ),
    },
    labels={
        "field": {
            "archived_at": ("Archived at", "归档时间"),
            "assigned_at": ("Assigned at", "分配时间"),
            "assignee_id": ("Assignee", "处理人"),
            "cancel_reason": ("Reason for cancelling", "取消原因"),
            "cancelled_at": ("Cancelled at", "取消时间"),
            "channel": ("Channel", "反馈渠道"),
            "close_reason": ("Reason for closing", "关闭原因"),
            "contact": ("Contact", "联系人"),
            "customer_id": ("Customer", "客户"),
            "customer_name": ("Customer", "客户名称"),
            "customer_number": ("Customer number", "客户编号"),
            "description": ("Description", "详细描述"),
            "display_name": ("Name", "姓名"),
            "feedback_at": ("Feedback at", "反馈时间"),
            "feedback_by": ("Feedback by", "反馈记录人"),
            "handled_at": ("Handled at", "处理时间"),
            "handler_id": ("Handled by", "处理人"),
            "handling": ("Handling", "处理方法"),
            "number": ("Number", "编号"),
            "open_requests": ("Open requests", "未结服务请求"),
            "previous_request_id": ("Previous request", "前一服务请求"),
            "priority": ("Priority", "优先级"),
            "result": ("Result", "处理结果"),
            "roles": ("Roles", "角色"),
            "rounds": ("Rounds", "处理轮数"),
            "satisfaction": ("Satisfaction", "满意度"),
            "summary": ("Summary", "概要"),
            "Round.number": ("Round", "轮次"),
        },
        "permission": {
            "service-request:export": ("Export service requests", "导出服务请求"),
            "service-request:read": ("View service requests", "查看服务请求"),
            "service-request:create": ("Create service requests", "新建服务请求"),
            "service-request:assign": ("Assign service requests", "分配服务请求"),
            "service-request:take": ("Take service requests", "领取服务请求"),
            "service-request:handle": ("Handle service requests", "处理服务请求"),
            "service-request:feedback": ("Record customers' feedback", "记录客户反馈"),
            "service-request:close": ("Close service requests", "关闭服务请求"),
            "service-request:cancel": ("Cancel service requests", "取消服务请求"),
        },
        "record": {
            "service-request": ("service request", "服务请求"),
        },
        "service-request.state": {
            "created": ("created", "新创建"),
            "assigned": ("assigned", "已分配"),
            "handled": ("handled", "已处理"),
            "archived": ("archived", "已归档"),
            "cancelled": ("cancelled", "已取消"),
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
        "service-request.close_reason": {
            "no_answer": ("No answer", "无人回复"),
            "not_solvable": ("Cannot be solved", "无法解决"),
            "withdrawn": ("Withdrawn", "客户撤回"),
        },
    },
)
