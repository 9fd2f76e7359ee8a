"""Service requests and the rounds they went through."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data.columns import code, described, person, text, whole
from kehu_chassis.data.database import Entity
from kehu_chassis.data.search import Searchable, outdated
from kehu_chassis.records import PublishedState, Record, Scope, Transitions
from kehu_service_desk.database import Base
from kehu_service_desk.features.customers import service as customers
from kehu_service_desk.features.requests import rules

_OF_FIVE = "From 1, the worst, to 5."


def _manager(request: Any) -> ColumnElement[Any]:
    """Who manages the customer now."""
    manager: ColumnElement[Any] = customers.manager_of(request.customer_id)
    return manager


class ServiceRequest(Record, Searchable, Base):
    """A request of a customer.  ``handling`` to ``satisfaction`` are those of the present round."""

    __tablename__ = "service_request"
    # Only the assignee handles a request, only the creator corrects or withdraws it.
    __scope__ = Scope(
        "service-request",
        owners=("created_by", "assignee_id", _manager),
        reserved={
            "service-request:handle": ("assignee_id",),
            "service-request:create": ("created_by",),
        },
        shared_by="customer_sharing",
    )
    __transitions__ = Transitions("status", rules.TRANSITIONS)
    __state__ = PublishedState(
        "service-desk.request-changed.v1",
        inside=(
            "contact", "description", "previous_request_id", "handling", "handler_id", "result",
            "cancelled_at", "cancel_reason",
        ),
    )  # fmt: skip
    __table_args__ = (
        Index("ix_service_request_search_grams", "search_grams", postgresql_using="gin"),
        outdated("service_request"),
        Index("ix_service_request_created_at", "created_at", "id"),
        Index("ix_service_request_updated_at", "updated_at", "id"),
        Index("ix_service_request_archived_at", "archived_at", "id"),
        Index("ix_service_request_status", "status"),
        # For the job that archives requests without feedback.
        Index(
            "ix_service_request_handled", "handled_at", postgresql_where=sql("status = 'handled'")
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str] = code(*rules.TYPES)
    summary: Mapped[str] = text(500)
    customer_id: Mapped[UUID] = mapped_column(index=True)
    contact: Mapped[str | None] = text(200)
    description: Mapped[str] = text(10_000)
    priority: Mapped[str] = code(*rules.PRIORITIES, default=rules.NORMAL)
    status: Mapped[str] = code(*rules.STATUSES)
    previous_request_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_request.id"))
    assignee_id: Mapped[UUID | None] = person(index=True)
    assigned_at: Mapped[datetime | None]
    handling: Mapped[str | None]
    handler_id: Mapped[UUID | None] = person()
    handled_at: Mapped[datetime | None]
    result: Mapped[str | None]
    satisfaction: Mapped[int | None] = described(whole(1, 5), _OF_FIVE)
    rounds: Mapped[int] = described(mapped_column(), "How many times it was handled.")
    archived_at: Mapped[datetime | None]
    close_reason: Mapped[str | None] = code(*rules.CLOSE_REASONS)
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]


class RequestRound(Entity, Base):
    """One handling of a request and the customer's feedback; kept for good.  An entity, so
    that the audit trail has it."""

    __tablename__ = "request_round"
    __table_args__ = (UniqueConstraint("request_id", "number"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    number: Mapped[int]
    assigned_at: Mapped[datetime]
    handler_id: Mapped[UUID] = person()
    handling: Mapped[str]
    handled_at: Mapped[datetime]
    result: Mapped[str | None] = text(10_000)
    satisfaction: Mapped[int | None] = described(whole(1, 5), _OF_FIVE)
    contact: Mapped[str | None] = text(200)
    channel: Mapped[str | None] = text(100)
    feedback_by: Mapped[UUID | None] = person()
    feedback_at: Mapped[datetime | None]
