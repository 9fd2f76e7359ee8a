"""Opportunities, their plan items, and the history of their stages and progress."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data.columns import (
    amount,
    code,
    currency,
    described,
    person,
    text,
    texts,
    whole,
)
from kehu_chassis.data.database import new_id
from kehu_chassis.data.search import Searchable, folded_index, outdated
from kehu_chassis.records import PartOf, PublishedState, Record, Scope, Transitions
from kehu_marketing.database import Base
from kehu_marketing.features.opportunities import rules
from kehu_marketing.features.opportunities.texts import TEXTS


class Opportunity(Record, Searchable, Base):
    """A chance to sell, from first hint to won or lost."""

    __tablename__ = "opportunity"
    # The creator edits, the assignee develops.
    __scope__ = Scope(
        "opportunity",
        owners=("created_by", "assignee_id"),
        owners_for={
            "opportunity:update": ("created_by",),
            "opportunity:plan": ("assignee_id",),
            "opportunity:progress": ("assignee_id",),
            "opportunity:stage": ("assignee_id",),
            "opportunity:close": ("assignee_id",),
        },
        reserved={"opportunity:delete": ("created_by",)},
        orphans="created_by",
    )
    __transitions__ = Transitions("status", rules.TRANSITIONS)
    __state__ = PublishedState(
        "marketing.opportunity-changed.v1",
        deleted="marketing.opportunity-deleted.v1",
        inside=("kanban_rank", "stage_entered_at"),
    )
    __searched__ = ("number", "customer_name", "summary", "contact_name", "contact_phone", "region")
    __table_args__ = (
        Index("ix_opportunity_search_grams", "search_grams", postgresql_using="gin"),
        outdated("opportunity"),
        *(folded_index("opportunity", name) for name in ("region", "industry", "source")),
        Index("ix_opportunity_closed_at_id", "closed_at", "id"),
        Index("ix_opportunity_created_at_id", "created_at", "id"),
        Index("ix_opportunity_customer_name_id", "customer_name", "id"),
        Index("ix_opportunity_expected_amount_id", "expected_amount", "id"),
        Index("ix_opportunity_expected_close_date_id", "expected_close_date", "id"),
        Index("ix_opportunity_success_rate_id", "success_rate", "id"),
        Index("ix_opportunity_kanban_rank_id", "kanban_rank", "id"),
        Index("ix_opportunity_status_stage_kanban_rank", "status", "stage", "kanban_rank"),
        Index("ix_opportunity_stage", "stage"),
        # What the board adds up, so that it reads the index only.
        Index(
            "ix_opportunity_board",
            "stage",
            "currency",
            postgresql_include=("expected_amount", "created_by", "assignee_id"),
            postgresql_where=sql("status = 'developing'"),
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str | None] = text(100)
    customer_name: Mapped[str] = text(200)
    customer_id: Mapped[UUID | None] = mapped_column(index=True)
    success_rate: Mapped[int] = described(whole(0, 100), "Percent.")
    summary: Mapped[str] = text(500)
    contact_name: Mapped[str | None] = text(100)
    contact_phone: Mapped[str | None] = text(50)
    description: Mapped[str] = text(10_000)
    expected_amount: Mapped[Decimal | None] = amount("currency")
    currency: Mapped[str] = currency()
    expected_close_date: Mapped[date | None]
    products: Mapped[list[str]] = texts(50, 100)
    region: Mapped[str | None] = text(100)
    industry: Mapped[str | None] = text(100)
    registration_no: Mapped[str | None] = text(50)

    created_by: Mapped[UUID] = person(index=True)
    status: Mapped[str] = code(*rules.STATUSES)
    stage: Mapped[str | None]
    stage_type: Mapped[str | None]
    stage_entered_at: Mapped[datetime | None]
    kanban_rank: Mapped[float]
    assignee_id: Mapped[UUID | None] = person(index=True)
    assigned_at: Mapped[datetime | None]
    amount: Mapped[Decimal | None] = amount("currency")
    closed_at: Mapped[datetime | None]
    close_reason_code: Mapped[str | None] = code(*TEXTS.labels["opportunity.loss_reason"])
    close_reason: Mapped[str | None]
    competitor: Mapped[str | None]
    previous_id: Mapped[UUID | None]


class PlanItem(Record, Base):
    """One planned step of developing a customer, and its result."""

    __tablename__ = "plan_item"
    __part_of__ = PartOf(Opportunity, "opportunity_id")
    __table_args__ = (
        Index("ix_plan_item_date_id", "date", "id"),
        Index("ix_plan_item_state_date_id", "state", "date", "id"),
    )

    opportunity_id: Mapped[UUID] = mapped_column(
        ForeignKey("opportunity.id", ondelete="CASCADE"), index=True
    )
    date: Mapped[date]
    content: Mapped[str] = text(5000)
    state: Mapped[str] = code(*rules.ITEM_STATES)
    result: Mapped[str | None] = text(5000)
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
    """One change of the expectations of a developing opportunity."""

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
