"""The sales system's customer codes, orders and returns, as last published."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data.columns import amount
from kehu_chassis.data.database import new_id
from kehu_chassis.data.search import Searchable, outdated
from kehu_customer.database import Base
from kehu_customer.features.orders import rules


class SalesAccount(Base):
    """A customer code of the sales system, linked to a customer or not.

    Intake of orders and linking of codes both lock this row first, so that no order is orphaned
    when both happen at once.
    """

    __tablename__ = "sales_account"
    __table_args__ = (
        UniqueConstraint("code"),
        Index("ix_sales_account_customer_id", "customer_id"),
        Index("ix_sales_account_unlinked", "code", postgresql_where=text("customer_id IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    # The version and the data of the newest sales.customer-changed.
    announced_version: Mapped[int | None] = mapped_column(
        "told_version", BigInteger, key="announced_version"
    )
    announced: Mapped[dict[str, Any] | None] = mapped_column("told", JSONB, key="announced")
    # For each field of the customer that it filled: the version and the value.
    filled: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    # What decided the customer: `rules.NUMBER`, `REGISTRATION` or `NAME`, or a person, whose
    # decision no event changes, also that the code belongs to no customer.
    decided_by: Mapped[str | None]
    stale_last_order_at: Mapped[datetime | None]  # reported before the code was linked
    created_at: Mapped[datetime]


class SalesOrder(Searchable, Base):
    """An order.  ``version`` is the sales system's; a lower one never replaces a higher one.

    The lines are a document: they arrive, are replaced and are shown as a whole.
    """

    __searched__ = ("order_no",)
    __tablename__ = "sales_order"
    __table_args__ = (
        UniqueConstraint("order_no"),
        Index("ix_sales_order_customer_id", "customer_id", "ordered_at", "id"),
        Index("ix_sales_order_ordered_at", "ordered_at", "id"),
        Index("ix_sales_order_status", "status"),
        Index("ix_sales_order_currency", "currency"),
        Index("ix_sales_order_search_grams", "search_grams", postgresql_using="gin"),
        outdated("sales_order"),
        Index(
            "ix_sales_order_day", "customer_id", "ordered_on", postgresql_where=text("status <> 4")
        ),
        Index("ix_sales_order_account_code", "account_code"),
        Index(
            "ix_sales_order_customer_number",
            "customer_number",
            postgresql_where=text("customer_id IS NULL AND customer_number IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_no: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger)
    # How often it was given to another customer, or to none, without a new version.
    moves: Mapped[int] = mapped_column(server_default="0")
    account_code: Mapped[str | None]
    customer_number: Mapped[str | None]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    status: Mapped[int] = mapped_column(SmallInteger)
    ordered_at: Mapped[datetime]
    ordered_on: Mapped[date]  # the business date of ordered_at
    delivery_address: Mapped[str | None]
    currency: Mapped[str]
    lines: Mapped[list[Any]] = mapped_column(JSONB)
    discount: Mapped[Decimal] = amount("currency")
    freight: Mapped[Decimal] = amount("currency")
    tax: Mapped[Decimal] = amount("currency")
    total: Mapped[Decimal] = amount("currency")
    total_mismatch: Mapped[bool]
    profit: Mapped[Decimal | None] = amount("currency")
    paid_amount: Mapped[Decimal | None] = amount("currency")
    planned_ship_on: Mapped[date | None]
    shipped_at: Mapped[datetime | None]
    planned_payment_on: Mapped[date | None]
    paid_at: Mapped[datetime | None]
    payment_method: Mapped[str | None]
    salesperson: Mapped[str | None]
    opportunity_number: Mapped[str | None]
    contract_number: Mapped[str | None]
    received_at: Mapped[datetime]

    @property
    def unpaid_amount(self) -> Decimal | None:
        """The amount still owed; None if the sales system has not published what was paid."""
        return None if self.paid_amount is None else self.total - self.paid_amount

    @property
    def shown_lines(self) -> list[dict[str, Any]]:
        """The lines, their amounts in the decimals of the currency."""
        return rules.shown_lines(self.lines, self.currency)


class SalesReturn(Base):
    """Goods that came back.  Never counts as an order."""

    __tablename__ = "sales_return"
    __table_args__ = (
        UniqueConstraint("return_no"),
        Index("ix_sales_return_customer_id", "customer_id", "returned_at", "id"),
        Index("ix_sales_return_account_code", "account_code"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    return_no: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger)
    # How often it was given to another customer, or to none, without a new version.
    moves: Mapped[int] = mapped_column(server_default="0")
    order_no: Mapped[str | None]
    account_code: Mapped[str | None]
    customer_number: Mapped[str | None]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    returned_at: Mapped[datetime]
    currency: Mapped[str]
    lines: Mapped[list[Any]] = mapped_column(JSONB)
    total: Mapped[Decimal] = amount("currency")
    received_at: Mapped[datetime]
