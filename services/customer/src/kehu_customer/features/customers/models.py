"""Customers, where they came from, and when they were lost."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, validates

from kehu_chassis.data.columns import (
    amount,
    code,
    currency,
    described,
    email,
    person,
    text,
    texts,
    website,
    whole,
)
from kehu_chassis.data.database import new_id
from kehu_chassis.data.search import Searchable, folded_index, normalise, outdated
from kehu_chassis.records import PublishedState, Record, Scope, Transitions
from kehu_customer.database import Base
from kehu_customer.features.customers import rules
from kehu_customer.features.reference import service as reference

_OF_FIVE = "From 1, the worst, to 5."


class Customer(Record, Searchable, Base):
    """A company that buys or may buy."""

    __tablename__ = "customer"
    __scope__ = Scope(
        "customer",
        owners=("manager_id",),
        shared_by="customer_sharing",
        present=lambda customer: customer.deleted_at.is_(None),
    )
    __transitions__ = Transitions("status", rules.TRANSITIONS)
    __state__ = PublishedState(
        "customer.customer-changed.v1",
        deleted="customer.customer-deleted.v1",
        deleted_at="deleted_at",
        inside=(
            "name_key", "registration_key", "postcode", "fax", "website", "email", "follow_status",
            "referred_by", "keywords", "tags", "products", "remark", "legal_representative",
            "parent_company", "country", "province", "city", "capital_currency",
            "churn_months", "deleted_at",
        ),
    )  # fmt: skip
    # In this order, see `service.reading`: everybody may search by name and number.
    __searched__ = (
        "name", "number", "phone", "registration_no", "sales_codes", "region", "level_labels",
    )  # fmt: skip
    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_customer_name_key", "name_key"),
        Index("ix_customer_registration_no", "registration_no"),
        Index("ix_customer_registration_key", "registration_key"),
        Index("ix_customer_manager_id", "manager_id"),
        Index("ix_customer_status", "status"),
        Index("ix_customer_created_at", "created_at", "id"),
        Index("ix_customer_name", "name", "id"),
        Index("ix_customer_updated_at", "updated_at", "id"),
        Index("ix_customer_deleted", "deleted_at", postgresql_where=sql("deleted_at IS NOT NULL")),
        Index("ix_customer_is_prospect", "created_at", "id", postgresql_where=sql("is_prospect")),
        Index("ix_customer_search_grams", "search_grams", postgresql_using="gin"),
        outdated("customer"),
        *(folded_index("customer", name) for name in ("region", "industry", "source", "type")),
    )

    number: Mapped[str]
    name: Mapped[str] = text(200)
    name_key: Mapped[str]  # the normalised name, by which companies are compared
    region: Mapped[str | None] = text(100)
    manager_id: Mapped[UUID | None] = person()
    level: Mapped[str] = code(*reference.LEVELS)
    satisfaction: Mapped[int] = described(whole(1, 5, type_=SmallInteger, default=3), _OF_FIVE)
    credit: Mapped[int] = described(whole(1, 5, type_=SmallInteger, default=3), _OF_FIVE)
    address: Mapped[str | None] = text(500)
    phone: Mapped[str | None] = text(50)
    postcode: Mapped[str | None] = text(20)
    fax: Mapped[str | None] = text(50)
    website: Mapped[str | None] = website()
    email: Mapped[str | None] = email()
    industry: Mapped[str | None] = text(100)
    source: Mapped[str | None] = text(100)
    type: Mapped[str | None] = text(100)
    stage: Mapped[str | None] = text(100)
    follow_status: Mapped[str | None] = text(100)
    referred_by: Mapped[str | None] = text(200)
    keywords: Mapped[str | None] = text(500)
    tags: Mapped[list[str]] = texts(50, 50)
    products: Mapped[list[str]] = texts(50, 100)
    remark: Mapped[str | None] = text(5000)
    registration_no: Mapped[str | None] = text(50)
    registration_key: Mapped[str | None]  # what of the number is compared
    legal_representative: Mapped[str | None] = text(100)
    parent_company: Mapped[str | None] = text(200)
    country: Mapped[str | None] = text(100)
    province: Mapped[str | None] = text(100)
    city: Mapped[str | None] = text(100)
    registered_capital: Mapped[Decimal | None] = amount("capital_currency", secret=True)
    annual_turnover: Mapped[Decimal | None] = amount("capital_currency", secret=True)
    capital_currency: Mapped[str | None] = currency(default=None)
    bank: Mapped[str | None] = text(200, secret=True)
    account_no: Mapped[str | None] = text(100, secret=True)
    local_tax_no: Mapped[str | None] = text(50, secret=True)
    state_tax_no: Mapped[str | None] = text(50, secret=True)
    sales_codes: Mapped[list[str]] = texts(50, 100)
    is_prospect: Mapped[bool] = mapped_column(default=False)
    churn_months: Mapped[int | None] = described(
        whole(1, 60, type_=SmallInteger),
        "Months without order before a warning, if not the default.",
    )
    status: Mapped[str] = code(*rules.STATUSES, default=rules.NORMAL)
    lost_at: Mapped[datetime | None]
    merged_into: Mapped[UUID | None]
    deleted_at: Mapped[datetime | None]

    @property
    def level_labels(self) -> list[str]:
        """What people call its level, in every language."""
        return reference.level_labels(self.level)

    @validates("name")
    def _compare_by(self, _column: str, name: str) -> str:
        self.name_key = normalise(name)
        return name

    @validates("registration_no")
    def _compare_by_number(self, _column: str, registration_no: str | None) -> str | None:
        self.registration_key = rules.registration_key(registration_no)
        return registration_no


class CustomerOrigin(Base):
    """A won opportunity and the customer that it created or was linked to.

    Kept after the customer is purged, so that a replay of any age creates no second one.
    """

    __tablename__ = "customer_origin"

    opportunity_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("customer.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime]


class CustomerLoss(Base):
    """A loss, which stays in the history after the customer is reactivated."""

    __tablename__ = "customer_loss"
    __table_args__ = (Index("ix_customer_loss_customer_id", "customer_id", "lost_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    warning_id: Mapped[UUID]
    lost_at: Mapped[datetime]
    reason_code: Mapped[str] = code(*reference.LOSS_REASONS)
    reason: Mapped[str]
    manager_id: Mapped[UUID | None] = person()  # who managed the customer when it was lost
    confirmed_by: Mapped[UUID] = person()
    reactivated_at: Mapped[datetime | None]
    reactivation_cause: Mapped[str | None] = code(*rules.REACTIVATION_CAUSES)
    reactivation_reason: Mapped[str | None]
    reactivated_by: Mapped[UUID | None] = person()
