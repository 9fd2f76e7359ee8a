"""Service requests in the read model."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data.columns import code, person
from kehu_chassis.messaging.replica import Mirrors, Replica
from kehu_reporting.database import Base
from kehu_reporting.features.requests.texts import TEXTS


class ServiceRequest(Replica, Base):
    """A service request in its newest state; they are cancelled, never deleted."""

    __tablename__ = "service_request"
    __mirrors__ = Mirrors("service-desk.request-changed.v1")
    __table_args__ = (
        Index("ix_service_request_created_at", "created_at", "id"),
        Index("ix_service_request_number", "number", "id"),
        Index("ix_service_request_customer_id", "customer_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    type: Mapped[str] = code(*TEXTS.labels["service-request.type"])
    summary: Mapped[str]
    customer_id: Mapped[UUID]
    status: Mapped[str] = code(*TEXTS.labels["service-request.state"])
    priority: Mapped[str] = code(*TEXTS.labels["service-request.priority"])
    created_by: Mapped[UUID] = person()
    created_at: Mapped[datetime]
    assignee_id: Mapped[UUID | None] = person()
    handled_at: Mapped[datetime | None]
    satisfaction: Mapped[int | None]
    rounds: Mapped[int]
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(BigInteger)
