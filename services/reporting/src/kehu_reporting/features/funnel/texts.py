"""User-facing texts of funnel."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "amounts": ("Amounts", "各币种金额"),
            "assignee_name": ("Assignee", "负责人姓名"),
            "average_seconds": ("Average time in stage (seconds)", "平均停留时间（秒）"),
            "conversion_to_next": ("Conversion to next stage", "下一阶段转化率"),
            "label_en": ("English name", "英文名称"),
            "label_zh": ("Chinese name", "中文名称"),
            "median_seconds": ("Median time in stage (seconds)", "停留时间中位数（秒）"),
            "opportunities": ("Opportunities", "销售机会数"),
            "position": ("Position", "顺序"),
            "reached": ("Reached", "到达数"),
            "reached_stage": ("Reached stage", "曾到达的阶段"),
            "stage": ("Stage", "阶段"),
            "stays": ("Completed stays", "已完成停留次数"),
            "success_rate": ("Success rate (percent)", "成功机率（%）"),
        },
        "stage.type": {
            "open": ("Open", "进行中"),
            "won": ("Won", "开发成功"),
            "lost": ("Lost", "开发失败"),
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
