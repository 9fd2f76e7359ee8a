"""User-facing texts of audit."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "actor_kind": ("Kind of actor", "操作人类别"),
            "actor_name": ("By (name)", "操作人姓名"),
            "operation": ("Operation", "接口操作"),
            "outcome": ("Outcome", "结果"),
            "record_id": ("Record id", "记录编号"),
            "record_type": ("Record type", "记录类型"),
        },
        "permission": {
            "audit:export": ("Export the audit trail", "导出审计记录"),
            "audit:read": ("View the audit trail", "查看审计记录"),
        },
        "audit-entry.outcome": {
            "done": ("Done", "已执行"),
            "refused": ("Refused", "被拒绝"),
        },
        "audit-entry.actor_kind": {
            "user": ("User", "用户"),
            "service": ("Service account", "服务账号"),
            "system": ("System", "系统"),
            "anonymous": ("Not signed in", "未登录"),
        },
    },
)
