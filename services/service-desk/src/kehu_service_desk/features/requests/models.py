"""Service requests and the rounds they went through."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data.database import Entity
from kehu_chassis.data.search import Searchable
from kehu_service_desk.database import Base


class ServiceRequest(Entity, Searchable, Base):
    """What a customer asks.  ``handling`` to ``satisfaction`` are those of the present round."""

    __tablename__ = "service_request"
    __table_args__ = (
        Index("ix_service_request_search_grams", "search_grams", postgresql_using="gin"),
        Index("ix_service_request_created_at", "created_at", "id"),
        Index("ix_service_request_updated_at", "updated_at", "id"),
        Index("ix_service_request_archived_at", "archived_at", "id"),
        # For the job that archives what nobody answered.
        Index(
            "ix_service_request_handled", "handled_at", postgresql_where=text("status = 'handled'")
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    summary: Mapped[str]
    customer_id: Mapped[UUID] = mapped_column(index=True)
    contact: Mapped[str | None]
    description: Mapped[str]
    priority: Mapped[str]
    status: Mapped[str]
    previous_request_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_request.id"))
    assignee_id: Mapped[UUID | None] = mapped_column(index=True)
    assigned_at: Mapped[datetime | None]
    handling: Mapped[str | None]
    handler_id: Mapped[UUID | None]
    handled_at: Mapped[datetime | None]
    result: Mapped[str | None]
    satisfaction: Mapped[int | None]
    rounds: Mapped[int]
    archived_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]


class RequestRound(Entity, Base):
    """One handling of a request and what the customer said of it; kept for good.  An entity, so
    that the audit trail has it."""

    __tablename__ = "request_round"
    __table_args__ = (UniqueConstraint("request_id", "number"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    number: Mapped[int]
    assigned_at: Mapped[datetime]
    handler_id: Mapped[UUID]
    handling: Mapped[str]
    handled_at: Mapped[datetime]
    result: Mapped[str | None]
    satisfaction: Mapped[int | None]
    contact: Mapped[str | None]
    channel: Mapped[str | None]
    feedback_by: Mapped[UUID | None]
    feedback_at: Mapped[datetime | None]
