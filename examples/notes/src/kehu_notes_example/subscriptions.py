"""The facts this service listens to, and what happens then; its replicas follow by themselves."""

from kehu_chassis.messaging.inbox import On
from kehu_notes_example.features.notes import consumers as notes

SUBSCRIPTIONS = [
    On("topics.topic-closed.v1", notes.topic_closed),
]
