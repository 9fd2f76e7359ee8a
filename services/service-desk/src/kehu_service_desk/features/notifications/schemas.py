"""Notifications over HTTP."""

import marshmallow as ma

from kehu_chassis.data.fields import Actions, Timestamp
from kehu_chassis.data.listing import page_schema
from kehu_chassis.data.schemas import RecordSchema
from kehu_service_desk.features.notifications.models import Notification


class NotificationSchema(RecordSchema):
    """A notification, in the reader's language."""

    class Meta(RecordSchema.Meta):
        model = Notification
        exclude = ("recipient_id", "key")

    actions = Actions()
    params = ma.fields.Dict(
        keys=ma.fields.String(),
        required=True,
        metadata={"description": "What the texts mention, without ids."},
    )
    title = ma.fields.String(required=True)
    body = ma.fields.String(required=True)
    openable = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "Whether the caller may open the record now, or, without a record, the"
            " list of its type. If not, `record_id` is null."
        },
    )


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
