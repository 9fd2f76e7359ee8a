"""The replica of customers."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.messaging.replica import Mirrors, Replica
from kehu_marketing.database import Base


class CustomerRef(Replica, Base):
    """A customer as mirrored here; a deleted one leaves a tombstone."""

    __tablename__ = "customer_ref"
    __mirrors__ = Mirrors("customer.customer-changed.v1", deleted="customer.customer-deleted.v1")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    name: Mapped[str]
    manager_id: Mapped[UUID | None]
    level: Mapped[str]
    status: Mapped[str]
    merged_into: Mapped[UUID | None]
    deleted: Mapped[bool]
    version: Mapped[int]
