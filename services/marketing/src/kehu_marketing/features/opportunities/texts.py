"""User-facing texts about opportunities."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "amount-missing": (
            "Enter the amount, as this opportunity has no expected amount.",
            "未填写预计金额，请填写成交金额。",
        ),
        "customer-or-name": (
            "Name the customer or choose an existing one, not both.",
            "请填写客户名称，或选择已有客户，二者择一。",
        ),
        "date-is-fixed": (
            "The date of a saved plan item cannot be changed.",
            "计划项日期保存后不能修改。",
        ),
        "plan-item-executed": (
            "This plan item has a result. It can no longer be edited or deleted.",
            "该计划项已有执行效果，不能修改或删除。",
        ),
        "stage-not-open": (
            "The stage {stage} closes an opportunity. Use win or lose.",
            "{stage} 是结束阶段，请使用赢单或丢单操作。",
        ),
    },
    labels={
        "record": {
            "opportunity": ("opportunity", "销售机会"),
        },
        "opportunity.loss_reason": {
            "price": ("Price", "价格"),
            "product": ("Product does not fit", "产品不合适"),
            "service": ("Service", "服务"),
            "delivery": ("Delivery", "交货"),
            "competitor": ("Competitor", "竞争对手"),
            "no_budget": ("No budget", "没有预算"),
            "no_decision": ("No decision", "迟迟不决"),
            "no_contact": ("No contact", "失去联系"),
            "requirements_changed": ("Requirements changed", "需求变化"),
            "other": ("Other", "其他"),
        },
        "opportunity.state": {
            "unassigned": ("unassigned", "未分配"),
            "developing": ("developing", "开发中"),
            "won": ("won", "开发成功"),
            "lost": ("lost", "开发失败"),
            "voided": ("voided", "已作废"),
        },
    },
)
