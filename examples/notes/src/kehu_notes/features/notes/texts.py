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
        "field": {
            "assignee_id": ("Assignee", "负责人"),
            "archived_at": ("Archived at", "归档时间"),
            "score": ("Score", "评分"),
            "tags": ("Tags", "标签"),
            "topic_id": ("Topic", "主题"),
            "topic_name": ("Topic", "主题名称"),
        },
        "permission": {
            "note:comment": ("Comment on notes", "评论笔记"),
            "note:create": ("Write notes", "新建笔记"),
            "note:delete": ("Delete notes", "删除笔记"),
            "note:read": ("View notes", "查看笔记"),
            "note:update": ("Edit notes", "编辑笔记"),
        },
        "record": {"note": ("note", "笔记")},
        "note.state": {"open": ("open", "进行中"), "archived": ("archived", "已归档")},
    },
)
