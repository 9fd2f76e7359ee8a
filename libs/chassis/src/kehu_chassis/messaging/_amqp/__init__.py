"""The only package that imports pika.  A connection belongs to the thread that opened it.

It contains a consuming connection, a publishing connection with a window of outstanding confirms,
and the declaration of the topology.
"""

from kehu_chassis.messaging._amqp.connection import Unreachable, parameters
from kehu_chassis.messaging._amqp.consumer import Consumer, Delivery, Origin
from kehu_chassis.messaging._amqp.publisher import Message, Publisher, PublisherEvents, publish_all
from kehu_chassis.messaging._amqp.topology import (
    Exchange,
    NotImpersonator,
    Queue,
    QueueUnusable,
    declare,
    purge,
    purge_dead,
    send_again,
    waiting,
)

__all__ = [
    "Consumer",
    "Delivery",
    "Exchange",
    "Message",
    "NotImpersonator",
    "Origin",
    "Publisher",
    "PublisherEvents",
    "Queue",
    "QueueUnusable",
    "Unreachable",
    "declare",
    "parameters",
    "publish_all",
    "purge",
    "purge_dead",
    "send_again",
    "waiting",
]
