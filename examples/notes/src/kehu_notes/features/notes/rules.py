"""Which transitions a note allows in each state.  Pure decisions: no framework here."""

from typing import Any

from kehu_chassis.problems import Problem

OPEN = "open"
ARCHIVED = "archived"
STATES = (OPEN, ARCHIVED)

TRANSITIONS = {
    "edit": {OPEN},
    "comment": {OPEN},
    "archive": {OPEN},
    "delete": {OPEN, ARCHIVED},
}
# The fields that a caller may send.
FORM = ("title", "body", "score", "tags", "topic_id", "assignee_id")


def require_own(actor: Any, comment: Any) -> None:
    """Refuse with 403 to edit somebody else's comment."""
    if comment.created_by != actor.id:
        raise Problem(403, "own-comment-only")
