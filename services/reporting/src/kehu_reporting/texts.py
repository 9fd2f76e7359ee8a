"""User-facing texts of all reports."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "period-or-year": (
            "Name a year, or a period by from and to, not both.",
            "请选择年份，或用 from 和 to 指定期间，二者择一。",
        ),
        "period-reversed": ("The period ends before it begins.", "期间的结束早于开始。"),
        "report-too-large": (
            "The report has more than {limit:row|rows}. Narrow the period or the filters.",
            "报表超过 {limit} 行，请缩小期间或筛选范围。",
        ),
    },
    labels={
        "field": {
            "amount": ("Amount", "金额"),
            "assignee_id": ("Assignee", "负责人"),
            "closed_at": ("Closed at", "结束时间"),
            "count": ("Count", "数量"),
            "currency": ("Currency", "币种"),
            "customer_id": ("Customer", "客户"),
            "customer_name": ("Customer", "客户名称"),
            "customer_number": ("Customer number", "客户编号"),
            "from": ("From", "开始日期"),
            "industry": ("Industry", "行业"),
            "kind": ("Kind", "种类"),
            "manager_id": ("Account manager", "客户经理"),
            "number": ("Number", "编号"),
            "period": ("Period", "期间"),
            "region": ("Region", "地区"),
            "satisfaction": ("Satisfaction", "满意度"),
            "share": ("Share", "占比"),
            "to": ("To", "结束日期"),
            "value": ("Value", "值"),
            "year": ("Year", "年份"),
        },
        "permission": {
            "report:read": ("View reports", "查看报表"),
        },
    },
)
