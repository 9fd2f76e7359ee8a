"""Churn warnings, the measures taken on them, and the scans that find them."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data.columns import code, described, person
from kehu_chassis.data.database import Entity
from kehu_chassis.records import PublishedState, Record, Scope, Transitions
from kehu_customer.database import Base
from kehu_customer.features.churn import rules
from kehu_customer.features.customers import service as customers
from kehu_customer.features.reference import service as reference


class ChurnWarning(Record, Base):
    """A customer may be about to be lost.  A customer has at most one that is still open."""

    __tablename__ = "churn_warning"
    __scope__ = Scope(
        "churn-warning",
        owners=("manager_id",),
        present=lambda warning: warning.customer_id.not_in(customers.deleted_ids()),
    )
    __transitions__ = Transitions("state", rules.TRANSITIONS)
    __state__ = PublishedState(
        "customer.churn-warning-changed.v1",
        inside=(
            "reported_on", "review_notified_on", "unattended_notified_at", "reason_code",
            "reason", "confirmed_by", "created_at", "created_by",
        ),
    )  # fmt: skip
    __table_args__ = (
        Index(
            "uq_churn_warning_active",
            "customer_id",
            unique=True,
            postgresql_where=text("state IN ('open', 'reprieved')"),
        ),
        Index("ix_churn_warning_customer_id", "customer_id"),
        Index("ix_churn_warning_manager_id", "manager_id", "opened_at", "id"),
        Index("ix_churn_warning_opened_at", "opened_at", "id"),
        Index("ix_churn_warning_last_order_on", "last_order_on", "id"),
        Index("ix_churn_warning_next_review_on", "next_review_on", "id"),
        Index("ix_churn_warning_customer_name", "customer_name", "id"),
        Index("ix_churn_warning_state", "state"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    customer_number: Mapped[str]
    customer_name: Mapped[str]
    manager_id: Mapped[UUID | None] = person()  # always the customer's present manager
    kind: Mapped[str] = code(*rules.KINDS)
    state: Mapped[str] = code(*rules.STATES)
    last_order_on: Mapped[date | None]
    reported_on: Mapped[date | None]  # the last order that the sales system reported as stale
    cut_off_on: Mapped[date]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    next_review_on: Mapped[date | None]
    # The columns keep their names; states are published by key, which is the attribute's name.
    review_notified_on: Mapped[date | None] = mapped_column(
        "review_told_on", key="review_notified_on"
    )
    unattended_notified_at: Mapped[datetime | None] = mapped_column(
        "unattended_told_at", key="unattended_notified_at"
    )
    reason_code: Mapped[str | None] = code(*reference.LOSS_REASONS)
    reason: Mapped[str | None]
    confirmed_by: Mapped[UUID | None] = person()


class ChurnReprieve(Entity, Base):
    """A measure to keep a customer; never changed.  An entity, so that the audit trail has it."""

    __tablename__ = "churn_reprieve"
    __table_args__ = (Index("ix_churn_reprieve_warning_id", "warning_id", "id"),)

    warning_id: Mapped[UUID] = mapped_column(ForeignKey("churn_warning.id", ondelete="CASCADE"))
    measure: Mapped[str]
    next_review_on: Mapped[date]


class ChurnScan(Entity, Base):
    """One scan of all customers as of a date; after a crash it resumes behind ``reached``."""

    __tablename__ = "churn_scan"
    __table_args__ = (
        UniqueConstraint("run_key"),
        Index("ix_churn_scan_due", "id", postgresql_where=text("state IN ('queued', 'running')")),
        Index("ix_churn_scan_created_at", "created_at", "id"),
    )

    as_of: Mapped[date]
    run_key: Mapped[str | None] = described(mapped_column(), "The ISO week of a weekly scan.")
    state: Mapped[str] = code(*rules.SCAN_STATES)
    reached: Mapped[UUID]
    customers_looked_at: Mapped[int] = mapped_column(Integer)
    warnings_opened: Mapped[int] = mapped_column(Integer)
    without_manager: Mapped[int] = described(
        mapped_column(Integer), "Of these, of customers without a manager."
    )
    seconds: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
