"""Notifications over HTTP."""

import marshmallow as ma

from kehu_chassis.data.fields import Timestamp
from kehu_chassis.data.listing import Listing, page_schema
from kehu_service_desk.features.notifications import rules
from kehu_service_desk.features.notifications.models import Notification


class NotificationSchema(ma.Schema):
    """One thing the reader was told, in their language."""

    id = ma.fields.UUID(required=True)
    code = ma.fields.String(required=True)
    params = ma.fields.Dict(keys=ma.fields.String(), required=True)
    count = ma.fields.Integer(
        required=True, metadata={"description": "How many occasions a summary stands for."}
    )
    title = ma.fields.String(required=True)
    body = ma.fields.String(required=True)
    record_type = ma.fields.String(required=True)
    record_id = ma.fields.UUID(allow_none=True)
    created_at = Timestamp(required=True)
    updated_at = Timestamp(required=True)
    read_at = Timestamp(allow_none=True, required=True)


class NotificationsSchema(page_schema(NotificationSchema)):  # type: ignore[misc]
    """A page of notifications, and how many are unread in all."""

    unread = ma.fields.Integer(required=True)


class UnreadSchema(ma.Schema):
    """How many notifications are unread."""

    unread = ma.fields.Integer(required=True)


class ReadAllQuery(ma.Schema):
    """Which to mark: those that came until then; all if it is not given."""

    until = Timestamp()


class MarkedSchema(ma.Schema):
    """How many were marked."""

    marked = ma.fields.Integer(required=True)


LISTING = Listing(
    Notification,
    filters={"code": Notification.code},
    choices={"code": rules.CODES},
    ranges={"created_at": Notification.created_at},
    sorts={"updated_at": Notification.updated_at, "created_at": Notification.created_at},
    default_sort="-updated_at",
    extra={"unread": ma.fields.Boolean()},
)
