"""The replica of customers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data.columns import code, person
from kehu_chassis.messaging.replica import Mirrors, Replica
from kehu_reporting.database import Base
from kehu_reporting.features.customers.texts import TEXTS


class CustomerRef(Replica, Base):
    """A customer as mirrored for reports.

    A deleted one keeps its name while it may be restored, as its requests show it, and leaves a
    tombstone.  One that was only mentioned by another event has version 0,
    with number, name and manager, until its own state arrives.
    """

    __tablename__ = "customer_ref"
    __mirrors__ = Mirrors(
        "customer.customer-changed.v1",
        deleted="customer.customer-deleted.v1",
        purged="customer.customer-purged.v1",
    )
    __table_args__ = (
        Index("ix_customer_ref_name", "name", "id"),
        Index("ix_customer_ref_number", "number", "id"),
        Index("ix_customer_ref_created_at", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    name: Mapped[str]
    manager_id: Mapped[UUID | None] = person(index=True)
    level: Mapped[str | None] = code(*TEXTS.labels["customer.level"])
    region: Mapped[str | None]
    industry: Mapped[str | None]
    satisfaction: Mapped[int | None]
    credit: Mapped[int | None]
    status: Mapped[str | None]
    merged_into: Mapped[UUID | None]
    created_at: Mapped[datetime | None]
    deleted: Mapped[bool]
    version: Mapped[int] = mapped_column(BigInteger)
