"""Stages, opportunities and their moves through the pipeline in the read model."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data import columns
from kehu_chassis.data.columns import code, described, person
from kehu_chassis.messaging.replica import Mirrors, Replica
from kehu_reporting.database import Base
from kehu_reporting.features.funnel.texts import TEXTS


class Stage(Replica, Base):
    """A stage of the pipeline; opportunities and their moves name its code."""

    __tablename__ = "stage"
    __mirrors__ = Mirrors("marketing.stage-changed.v1")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    position: Mapped[int]
    type: Mapped[str]  # open, won, lost
    label_zh: Mapped[str]
    label_en: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger)


class Opportunity(Replica, Base):
    """An opportunity in its newest state; a deleted one leaves a tombstone."""

    __tablename__ = "opportunity"
    __mirrors__ = Mirrors(
        "marketing.opportunity-changed.v1", deleted="marketing.opportunity-deleted.v1"
    )
    __table_args__ = (
        Index("ix_opportunity_created_at", "created_at", "id"),
        Index("ix_opportunity_amount", "amount", "id"),
        Index("ix_opportunity_closed_at", "closed_at", "id"),
        Index("ix_opportunity_number", "number", "id"),
        Index("ix_opportunity_assignee_id", "assignee_id"),
        Index("ix_opportunity_created_by", "created_by"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    customer_name: Mapped[str]
    customer_id: Mapped[UUID | None]
    status: Mapped[str] = code(*TEXTS.labels["opportunity.state"])
    stage: Mapped[str | None]
    assignee_id: Mapped[UUID | None] = person()
    created_by: Mapped[UUID | None] = person()
    success_rate: Mapped[int] = described(mapped_column(), "Percent.")
    currency: Mapped[str]
    # The amount won for; until then, and if it was lost, the expected amount.
    amount: Mapped[Decimal | None] = columns.amount("currency")
    source: Mapped[str | None]
    region: Mapped[str | None]
    industry: Mapped[str | None]
    created_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    deleted: Mapped[bool]
    version: Mapped[int] = mapped_column(BigInteger)

    @classmethod
    def from_state(cls, data: dict[str, Any]) -> dict[str, Any]:
        """The amount, which the event has in two fields."""
        won_for = data.get("amount")
        return {"amount": data.get("expected_amount") if won_for is None else won_for}


class StageChange(Base):
    """One move of an opportunity; its moment and target identify it."""

    __tablename__ = "stage_change"

    opportunity_id: Mapped[UUID] = mapped_column(primary_key=True)
    changed_at: Mapped[datetime] = mapped_column(primary_key=True)
    to_stage: Mapped[str] = mapped_column(primary_key=True)
    from_stage: Mapped[str | None]
    seconds_in_from_stage: Mapped[int | None]
    version: Mapped[int] = mapped_column(BigInteger)
