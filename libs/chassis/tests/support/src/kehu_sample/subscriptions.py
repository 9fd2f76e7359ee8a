"""The subscriptions of the notes service."""

from kehu_chassis.messaging.inbox import On
from kehu_sample.features.notes import consumers

SUBSCRIPTIONS = [
    On("other.thing-happened.v1", consumers.happened),
    On("other.thing-happened.v1", consumers.noticed),
    On("other.thing-counted.v1", consumers.counted, batch=True),
    On("sales.thing-sold.v1", consumers.sold),
]
