"""User-facing texts of catalogue."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "grade": ("Grade", "等级"),
            "location": ("Location", "库位"),
            "model": ("Model", "型号"),
            "price": ("Price", "单价"),
            "warehouse": ("Warehouse", "仓库"),
        },
    },
)
