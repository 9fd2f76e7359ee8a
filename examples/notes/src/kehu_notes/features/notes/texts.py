"""User-facing texts about notes."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "own-comment-only": (
            "Only its author can edit a comment.",
            "只有作者本人可以编辑评论。",
        ),
    },
    labels={
        "record": {"note": ("note", "笔记")},
        "note.state": {"open": ("open", "进行中"), "archived": ("archived", "已归档")},
    },
)
