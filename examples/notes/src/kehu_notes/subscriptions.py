"""The facts this service subscribes to, and their handlers; replicas subscribe by themselves."""

from kehu_chassis.messaging.inbox import On
from kehu_notes.features.notes import consumers as notes

SUBSCRIPTIONS = [
    On("topics.topic-closed.v1", notes.topic_closed),
]
