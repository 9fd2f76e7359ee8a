"""The marketing service: its features, nothing else."""

from kehu_chassis.runtime.service import Service

service = Service(
    name="marketing",
    package="kehu_marketing",
    features=["customers", "stages", "opportunities"],
    texts={
        "opportunity": ("opportunity", "销售机会"),
        "unassigned": ("unassigned", "未分配"),
        "developing": ("developing", "开发中"),
        "won": ("won", "开发成功"),
        "lost": ("lost", "开发失败"),
        "voided": ("voided", "已作废"),
        "amount-missing": (
            "Say for what amount it was won: no amount was expected.",
            "未填写预计金额，请填写成交金额。",
        ),
        "date-is-fixed": (
            "The date of a plan item cannot be changed once saved.",
            "计划项日期保存后不能修改。",
        ),
        "plan-item-executed": (
            "This plan item has a result: it is neither edited nor deleted.",
            "该计划项已有执行效果，不能修改或删除。",
        ),
        "stage-not-open": (
            "{stage} closes an opportunity: use win or lose.",
            "{stage} 是结束阶段，请使用赢单或丢单操作。",
        ),
        "customer-or-name": (
            "Name the customer, or choose an existing one; not both.",
            "请填写客户名称，或选择已有客户，二者择一。",
        ),
    },
)
