"""Customers, where they came from, and when they were lost."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data.database import Entity, new_id
from kehu_chassis.data.search import Searchable
from kehu_chassis.records.audit import secret
from kehu_customer.database import Base


class Customer(Entity, Searchable, Base):
    """A company that buys, or is hoped to."""

    __tablename__ = "customer"
    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_customer_name_key", "name_key"),
        Index("ix_customer_registration_no", "registration_no"),
        Index("ix_customer_manager_id", "manager_id"),
        Index("ix_customer_created_at", "created_at", "id"),
        Index("ix_customer_name", "name", "id"),
        Index("ix_customer_updated_at", "updated_at", "id"),
        Index("ix_customer_deleted", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
        Index("ix_customer_search_grams", "search_grams", postgresql_using="gin"),
    )

    number: Mapped[str]
    name: Mapped[str]
    name_key: Mapped[str]  # the normalised name, by which companies are told apart
    region: Mapped[str | None]
    manager_id: Mapped[UUID | None]
    level: Mapped[str]
    satisfaction: Mapped[int] = mapped_column(SmallInteger)
    credit: Mapped[int] = mapped_column(SmallInteger)
    address: Mapped[str | None]
    phone: Mapped[str | None]
    postcode: Mapped[str | None]
    fax: Mapped[str | None]
    website: Mapped[str | None]
    email: Mapped[str | None]
    industry: Mapped[str | None]
    source: Mapped[str | None]
    type: Mapped[str | None]
    stage: Mapped[str | None]
    follow_status: Mapped[str | None]
    referred_by: Mapped[str | None]
    keywords: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    products: Mapped[list[str]] = mapped_column(ARRAY(Text))
    remark: Mapped[str | None]
    registration_no: Mapped[str | None]
    legal_representative: Mapped[str | None]
    parent_company: Mapped[str | None]
    country: Mapped[str | None]
    province: Mapped[str | None]
    city: Mapped[str | None]
    registered_capital: Mapped[Decimal | None] = mapped_column(info=secret())
    annual_turnover: Mapped[Decimal | None] = mapped_column(info=secret())
    capital_currency: Mapped[str | None]
    bank: Mapped[str | None] = mapped_column(info=secret())
    account_no: Mapped[str | None] = mapped_column(info=secret())
    local_tax_no: Mapped[str | None] = mapped_column(info=secret())
    state_tax_no: Mapped[str | None] = mapped_column(info=secret())
    sales_codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    is_prospect: Mapped[bool]
    churn_months: Mapped[int | None] = mapped_column(SmallInteger)
    status: Mapped[str]  # normal, lost
    lost_at: Mapped[datetime | None]
    merged_into: Mapped[UUID | None]
    deleted_at: Mapped[datetime | None]


class CustomerOrigin(Base):
    """A won opportunity and the customer that it made or was found to belong to.

    Kept when the customer is removed for good, so that a replay of any age makes no second one.
    """

    __tablename__ = "customer_origin"

    opportunity_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("customer.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime]


class CustomerLoss(Base):
    """A loss, which stays in the history also after the customer came back."""

    __tablename__ = "customer_loss"
    __table_args__ = (Index("ix_customer_loss_customer_id", "customer_id", "lost_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    warning_id: Mapped[UUID]
    lost_at: Mapped[datetime]
    reason_code: Mapped[str]
    reason: Mapped[str]
    manager_id: Mapped[UUID | None]  # who managed the customer when it was lost
    confirmed_by: Mapped[UUID]
    reactivated_at: Mapped[datetime | None]
    reactivation_cause: Mapped[str | None]
    reactivation_reason: Mapped[str | None]
    reactivated_by: Mapped[UUID | None]
