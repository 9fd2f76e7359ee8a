"""User-facing texts of stages."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "label_en": ("English name", "英文名称"),
            "label_zh": ("Chinese name", "中文名称"),
            "position": ("Position", "顺序"),
            "probability": ("Probability (percent)", "成交概率（%）"),
        },
        "stage.type": {
            "open": ("Open", "进行中"),
            "won": ("Won", "开发成功"),
            "lost": ("Lost", "开发失败"),
        },
    },
)
