"""What may be done to a note in which state.  Pure decisions: no framework here."""

OPEN = "open"
ARCHIVED = "archived"
STATES = (OPEN, ARCHIVED)

TRANSITIONS = {
    "edit": {OPEN},
    "comment": {OPEN},
    "archive": {OPEN},
    "delete": {OPEN, ARCHIVED},
}
# What a caller may send of a note.
FORM = ("title", "body", "score", "tags", "topic_id", "assignee_id")
