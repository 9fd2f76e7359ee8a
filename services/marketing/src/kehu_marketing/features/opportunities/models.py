"""Opportunities, their plan items, and the history of their stages and progress."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data.database import Entity, new_id
from kehu_chassis.data.search import Searchable
from kehu_marketing.database import Base


class Opportunity(Entity, Searchable, Base):
    """A chance to sell, from first hint to won or lost."""

    __tablename__ = "opportunity"
    __table_args__ = (
        Index("ix_opportunity_search_grams", "search_grams", postgresql_using="gin"),
        Index("ix_opportunity_closed_at_id", "closed_at", "id"),
        Index("ix_opportunity_created_at_id", "created_at", "id"),
        Index("ix_opportunity_customer_name_id", "customer_name", "id"),
        Index("ix_opportunity_expected_amount_id", "expected_amount", "id"),
        Index("ix_opportunity_expected_close_date_id", "expected_close_date", "id"),
        Index("ix_opportunity_success_rate_id", "success_rate", "id"),
        Index("ix_opportunity_kanban_rank_id", "kanban_rank", "id"),
        Index("ix_opportunity_status_stage_kanban_rank", "status", "stage", "kanban_rank"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str | None]
    customer_name: Mapped[str]
    customer_id: Mapped[UUID | None] = mapped_column(index=True)
    success_rate: Mapped[int]
    summary: Mapped[str]
    contact_name: Mapped[str | None]
    contact_phone: Mapped[str | None]
    description: Mapped[str]
    expected_amount: Mapped[Decimal | None]
    currency: Mapped[str]
    expected_close_date: Mapped[date | None]
    products: Mapped[list[str]] = mapped_column(ARRAY(Text))
    region: Mapped[str | None]
    industry: Mapped[str | None]
    registration_no: Mapped[str | None]

    created_by: Mapped[UUID] = mapped_column(index=True)
    status: Mapped[str]
    stage: Mapped[str | None]
    stage_type: Mapped[str | None]
    stage_entered_at: Mapped[datetime | None]
    kanban_rank: Mapped[float]
    assignee_id: Mapped[UUID | None] = mapped_column(index=True)
    assigned_at: Mapped[datetime | None]
    amount: Mapped[Decimal | None]
    closed_at: Mapped[datetime | None]
    close_reason_code: Mapped[str | None]
    close_reason: Mapped[str | None]
    competitor: Mapped[str | None]
    previous_id: Mapped[UUID | None]

    def refresh_search(self) -> None:
        """Make the opportunity findable by what it says now."""
        self.set_search(self.number, self.customer_name, self.summary, self.contact_phone)


class PlanItem(Entity, Base):
    """One planned step of developing a customer, and what came of it."""

    __tablename__ = "plan_item"

    opportunity_id: Mapped[UUID] = mapped_column(
        ForeignKey("opportunity.id", ondelete="CASCADE"), index=True
    )
    date: Mapped[date]
    content: Mapped[str]
    state: Mapped[str]
    result: Mapped[str | None]
    executed_at: Mapped[datetime | None]


class StageChange(Base):
    """One move through the pipeline.  Never changed, never deleted by itself."""

    __tablename__ = "stage_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    opportunity_id: Mapped[UUID] = mapped_column(
        ForeignKey("opportunity.id", ondelete="CASCADE"), index=True
    )
    from_stage: Mapped[str | None]
    to_stage: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID]
    seconds_in_from_stage: Mapped[int | None]


class ProgressChange(Base):
    """One change of what is expected of a developing opportunity."""

    __tablename__ = "progress_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    opportunity_id: Mapped[UUID] = mapped_column(
        ForeignKey("opportunity.id", ondelete="CASCADE"), index=True
    )
    field: Mapped[str]
    old: Mapped[Any | None] = mapped_column(JSONB)
    new: Mapped[Any | None] = mapped_column(JSONB)
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID]
