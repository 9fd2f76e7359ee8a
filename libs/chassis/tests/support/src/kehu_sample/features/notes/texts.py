"""The texts of notes."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "too-late": ("It is {hour} o'clock.", "现在是 {hour} 点。"),
    },
    labels={
        "record": {
            "note": ("note", "笔记"),
        },
        "note.state": {
            "archived": ("archived", "已归档"),
        },
    },
)
