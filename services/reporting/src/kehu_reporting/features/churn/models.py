"""Losses, reactivations and churn warnings in the read model."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, func, select
from sqlalchemy.orm import Mapped, column_property, mapped_column

from kehu_chassis.data.columns import code, person
from kehu_chassis.messaging.replica import Mirrors, Replica
from kehu_reporting.database import Base
from kehu_reporting.features.churn.texts import TEXTS


class Reactivation(Base):
    """A lost customer came back at this moment."""

    __tablename__ = "reactivation"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    reactivated_at: Mapped[datetime] = mapped_column(primary_key=True)
    cause: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger)


class Loss(Base):
    """A customer was lost; ``id`` is the warning by which it was confirmed."""

    __tablename__ = "loss"
    __table_args__ = (
        Index("ix_loss_lost_at", "lost_at", "id"),
        Index("ix_loss_customer_id", "customer_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    manager_id: Mapped[UUID | None] = person()  # at confirmation
    lost_at: Mapped[datetime]
    reason_code: Mapped[str] = code(*TEXTS.labels["customer.loss_reason"])
    reason: Mapped[str]
    confirmed_by: Mapped[UUID | None] = person()
    version: Mapped[int] = mapped_column(BigInteger)


# The first reactivation after the loss; whichever of the two events arrives first.
Loss.won_back_at = column_property(
    select(func.min(Reactivation.reactivated_at))
    .where(
        Reactivation.customer_id == Loss.customer_id, Reactivation.reactivated_at >= Loss.lost_at
    )
    .correlate_except(Reactivation)
    .scalar_subquery()
)


class ChurnWarning(Replica, Base):
    """A churn warning in its newest state."""

    __tablename__ = "churn_warning"
    __mirrors__ = Mirrors("customer.churn-warning-changed.v1")
    __table_args__ = (
        Index("ix_churn_warning_opened_at", "opened_at", "id"),
        Index("ix_churn_warning_customer_id", "customer_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    kind: Mapped[str] = code(*TEXTS.labels["churn-warning.kind"])
    state: Mapped[str]
    last_order_on: Mapped[date | None]
    cut_off_on: Mapped[date | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(BigInteger)
