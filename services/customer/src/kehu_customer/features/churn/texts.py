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
        "field": {
            "closed_at": ("Closed at", "结束时间"),
            "customer_name": ("Customer", "客户名称"),
            "customers_looked_at": ("Customers examined", "已检查客户数"),
            "cut_off_on": ("Cut-off date", "截止日期"),
            "finished_at": ("Finished at", "完成时间"),
            "kind": ("Kind", "种类"),
            "last_order_on": ("Last order on", "最近下单日期"),
            "measure": ("Measure", "暂缓措施"),
            "measure_due_on": ("First measure due on", "首次措施期限"),
            "next_review_on": ("Next review on", "下次复查日期"),
            "opened_at": ("Opened at", "预警时间"),
            "reprieves": ("Reprieves", "暂缓记录"),
            "run_key": ("Run key", "批次号"),
            "seconds": ("Duration (seconds)", "耗时（秒）"),
            "started_at": ("Started at", "开始时间"),
            "warnings_opened": ("Warnings opened", "新增预警数"),
        },
        "permission": {
            "churn-warning:export": ("Export churn warnings", "导出流失预警"),
            "churn-warning:read": ("View churn warnings", "查看流失预警"),
            "churn-warning:reprieve": ("Reprieve churn warnings", "暂缓客户流失"),
            "churn-warning:confirm": ("Confirm losses", "确认客户流失"),
            "churn-scan:create": ("Run churn scans", "运行流失扫描"),
            "churn-scan:read": ("View churn scans", "查看流失扫描"),
        },
        "record": {
            "churn-warning": ("churn warning", "流失预警"),
        },
        "churn-warning.state": {
            "open": ("open", "待处理"),
            "reprieved": ("reprieved", "暂缓流失"),
            "confirmed": ("confirmed", "确认流失"),
            "recovered": ("recovered", "已挽回"),
        },
        "churn-warning.kind": {
            "inactive": ("No recent order", "长期未下单"),
            "never_ordered": ("Never ordered", "从未下单"),
        },
        "churn-scan.state": {
            "queued": ("Queued", "等待运行"),
            "running": ("Running", "运行中"),
            "done": ("Done", "已完成"),
        },
    },
)
