"""Which transitions a note allows in each state.  Pure decisions: no framework here."""

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
