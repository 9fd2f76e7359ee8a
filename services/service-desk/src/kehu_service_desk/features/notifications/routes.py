"""Notifications over HTTP."""

from typing import Any
from uuid import UUID

from kehu_chassis.web import Blueprint, actor, language, session
from kehu_service_desk.features.notifications import schemas, service

blp = Blueprint(
    "notifications",
    __name__,
    url_prefix="/notifications",
    description="The notifications of a user.",
)


@blp.route("", methods=["GET"])
@blp.access("authenticated")
@blp.arguments(service.NOTIFICATIONS.query, location="query")
@blp.response(200, schemas.NotificationsSchema)
def list_notifications(args: dict[str, Any]) -> Any:
    """List one's own notifications.

    Poll with If-None-Match: 304 while nothing changed. `title` and `body` are in the language of
    `Accept-Language`, else in that of the profile.
    """
    return service.list_(session(), actor(), args, language())


@blp.route("/unread", methods=["GET"])
@blp.access("authenticated")
@blp.response(200, schemas.UnreadSchema)
def count_unread_notifications() -> Any:
    """Count one's own unread notifications."""
    return service.unread(session(), actor())


@blp.route("/<uuid:notification_id>/read", methods=["POST"])
@blp.access("authenticated")
@blp.response(200, schemas.NotificationSchema)
def read_notification(notification_id: UUID) -> Any:
    """Mark one of one's own notifications as read."""
    return service.mark_read(session(), actor(), notification_id, language())


@blp.route("/read-all", methods=["POST"])
@blp.access("authenticated")
@blp.arguments(schemas.ReadAllQuery, location="query")
@blp.response(200, schemas.MarkedSchema)
def read_all_notifications(args: dict[str, Any]) -> Any:
    """Mark all of one's own notifications as read, or those that came `until` a moment."""
    return service.mark_all_read(session(), actor(), **args)
