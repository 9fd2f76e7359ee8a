"""User-facing texts about churn."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "in-the-future": ("This date is in the future.", "日期不能晚于今天。"),
        "in-the-past": ("This date is in the past.", "日期不能早于今天。"),
        "not-reprieved": (
            "Take a measure first. A loss is confirmed only after at least one reprieve.",
            "请先暂缓流失并采取措施，之后才能确认流失。",
        ),
    },
    labels={
        "record": {
            "churn-warning": ("churn warning", "流失预警"),
        },
        "churn-warning.state": {
            "open": ("open", "待处理"),
            "reprieved": ("reprieved", "暂缓流失"),
            "confirmed": ("confirmed", "确认流失"),
            "recovered": ("recovered", "已挽回"),
        },
    },
)
