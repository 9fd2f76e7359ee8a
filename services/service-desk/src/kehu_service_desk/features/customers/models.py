"""The replica of customers."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.messaging.replica import Mirrors, Replica
from kehu_service_desk.database import Base


class CustomerRef(Replica, Base):
    """A customer as mirrored here; a deleted one keeps its name while it may be restored, as its
    requests show it, and leaves a tombstone."""

    __tablename__ = "customer_ref"
    __mirrors__ = Mirrors(
        "customer.customer-changed.v1",
        deleted="customer.customer-deleted.v1",
        purged="customer.customer-purged.v1",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    name: Mapped[str]
    manager_id: Mapped[UUID | None] = mapped_column(index=True)
    level: Mapped[str]
    status: Mapped[str]
    merged_into: Mapped[UUID | None]
    deleted: Mapped[bool]
    version: Mapped[int] = mapped_column(BigInteger)
