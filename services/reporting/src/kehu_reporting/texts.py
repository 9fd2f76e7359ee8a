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
)
