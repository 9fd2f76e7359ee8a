"""Replicas of service requests and opportunities, as far as deleting a customer needs them."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.messaging.replica import Mirrors, Replica
from kehu_customer.database import Base


class RequestRef(Replica, Base):
    """A service request as mirrored here; they are cancelled, never deleted."""

    __tablename__ = "request_ref"
    __mirrors__ = Mirrors("service-desk.request-changed.v1")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    customer_id: Mapped[UUID] = mapped_column(index=True)
    status: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger)


class OpportunityRef(Replica, Base):
    """An opportunity as mirrored here; a deleted one leaves a tombstone."""

    __tablename__ = "opportunity_ref"
    __mirrors__ = Mirrors(
        "marketing.opportunity-changed.v1", deleted="marketing.opportunity-deleted.v1"
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    customer_id: Mapped[UUID | None] = mapped_column(index=True)
    status: Mapped[str]
    deleted: Mapped[bool]
    version: Mapped[int] = mapped_column(BigInteger)
