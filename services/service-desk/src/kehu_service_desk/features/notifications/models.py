"""Notifications and what was collapsed into them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data.columns import described
from kehu_chassis.data.database import new_id
from kehu_service_desk.database import Base


class Notification(Base):
    """One notification of a user.  ``key`` names the occasion: a user is notified of each once.

    Text is not stored: ``code`` and ``params`` are rendered in the reader's language.
    """

    __tablename__ = "notification"
    __table_args__ = (
        # The key first: a query also asks whether anybody was notified.
        UniqueConstraint("key", "recipient_id"),
        Index("ix_notification_recipient_id_updated_at", "recipient_id", "updated_at", "id"),
        Index("ix_notification_unread", "recipient_id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    recipient_id: Mapped[UUID]
    key: Mapped[str]
    code: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    count: Mapped[int] = described(mapped_column(), "How many occasions a summary stands for.")
    record_type: Mapped[str]
    record_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class NotificationPart(Base):
    """One occasion that was counted in a summary, so that it is not counted twice."""

    __tablename__ = "notification_part"

    notification_id: Mapped[UUID] = mapped_column(
        ForeignKey("notification.id", ondelete="CASCADE"), primary_key=True
    )
    part: Mapped[str] = mapped_column(primary_key=True)
