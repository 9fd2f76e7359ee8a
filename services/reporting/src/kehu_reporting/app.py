"""The reporting service: its features, nothing else."""

from kehu_chassis.runtime.service import Service

service = Service(
    name="reporting",
    package="kehu_reporting",
    features=["customers", "contribution", "churn", "funnel", "requests"],
    texts={
        "period-or-year": (
            "Name a year, or a period by from and to; not both.",
            "请选择年份，或用 from 和 to 指定期间，二者择一。",
        ),
        "period-reversed": ("The period ends before it begins.", "期间的结束早于开始。"),
        "report-too-large": (
            "More than {limit} rows: narrow the period or the filters.",
            "超过 {limit} 行，请缩小期间或筛选范围。",
        ),
    },
)
