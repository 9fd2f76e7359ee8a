"""Orders and returns in the read model, and the sums over them."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data import columns
from kehu_reporting.database import Base


class Sale(Base):
    """An order, or a return with its amount below zero."""

    __tablename__ = "sale"
    __table_args__ = (
        Index("ix_sale_customer_id_occurred_at", "customer_id", "occurred_at"),
        Index("ix_sale_occurred_at", "occurred_at", "id"),
        Index("ix_sale_amount", "amount", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]  # order, return
    number: Mapped[str]
    order_no: Mapped[str | None]
    customer_id: Mapped[UUID | None]  # None: not attached to a customer
    status: Mapped[int | None]  # of an order: 1 to 6
    occurred_at: Mapped[datetime]
    currency: Mapped[str]
    amount: Mapped[Decimal] = columns.amount("currency")
    profit: Mapped[Decimal | None] = columns.amount("currency")
    version: Mapped[int] = mapped_column(BigInteger)


class SaleSum(Base):
    """The sums of a customer's counted sales in a year, or over all time."""

    __tablename__ = "sale_sum"
    __table_args__ = (
        # The first page of the report in its usual order.
        Index(
            "ix_sale_sum_amount",
            "year",
            "currency",
            text("amount DESC NULLS LAST"),
            "customer_id",
        ),
    )

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)  # or `periods.ALL_TIME`
    orders: Mapped[int]
    ordered: Mapped[Decimal] = columns.amount("currency")
    returned: Mapped[Decimal] = columns.amount("currency")
    amount: Mapped[Decimal] = columns.amount("currency")
    profit: Mapped[Decimal | None] = columns.amount("currency")
    orders_with_profit: Mapped[int]
