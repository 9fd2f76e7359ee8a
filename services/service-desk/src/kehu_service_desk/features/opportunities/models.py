"""The replica of opportunities."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.messaging.replica import Mirrors, Replica
from kehu_service_desk.database import Base


class OpportunityRef(Replica, Base):
    """Whose an opportunity is: all that is needed to know who may read it."""

    __tablename__ = "opportunity_ref"
    __mirrors__ = Mirrors(
        "marketing.opportunity-changed.v1", deleted="marketing.opportunity-deleted.v1"
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_by: Mapped[UUID | None]  # null of a deleted one
    assignee_id: Mapped[UUID | None]
    deleted: Mapped[bool]
    version: Mapped[int] = mapped_column(BigInteger)
