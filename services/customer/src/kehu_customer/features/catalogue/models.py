"""Products and stock, as the sales system last published them."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data.database import new_id
from kehu_chassis.data.search import Searchable, outdated
from kehu_customer.database import Base


class Product(Searchable, Base):
    """A product.  ``as_of`` is when the sales system published it."""

    __tablename__ = "product"
    __searched__ = ("code", "name", "model")
    __table_args__ = (
        UniqueConstraint("code"),
        Index("ix_product_search_grams", "search_grams", postgresql_using="gin"),
        outdated("product"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    model: Mapped[str | None]
    grade: Mapped[str | None]
    unit: Mapped[str | None]
    price: Mapped[Decimal | None] = mapped_column(Numeric(24, 6))
    currency: Mapped[str | None]
    remark: Mapped[str | None]
    as_of: Mapped[datetime]


class Stock(Base):
    """How much of a product lies at a place of a warehouse."""

    __tablename__ = "stock"
    __table_args__ = (
        UniqueConstraint("product_code", "warehouse", "location", name="uq_stock_place"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    product_code: Mapped[str]
    warehouse: Mapped[str]
    location: Mapped[str]  # empty when the warehouse has no places
    version: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[Decimal] = mapped_column(Numeric(24, 6))
    remark: Mapped[str | None]
    as_of: Mapped[datetime]
