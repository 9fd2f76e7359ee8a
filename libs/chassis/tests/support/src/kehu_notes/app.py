"""The notes service."""

from kehu_chassis.runtime.service import Service

service = Service(
    name="notes",
    package="kehu_notes",
    features=["notes"],
    texts={
        "too-late": ("It is {hour} o'clock.", "现在是 {hour} 点。"),
        "note": ("note", "笔记"),
        "archived": ("archived", "已归档"),
    },
)
