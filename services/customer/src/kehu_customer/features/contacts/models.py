"""Contacts."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, exists, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from kehu_chassis.data.columns import code, described, email, text, texts
from kehu_chassis.data.search import Searchable, folded_index, outdated
from kehu_chassis.records import PartOf, Record
from kehu_chassis.records.audit import secret
from kehu_customer.database import Base
from kehu_customer.features.customers.service import Customer


class Contact(Record, Searchable, Base):
    """A person at a customer.  What can be used to reach them stays out of the audit trail."""

    __tablename__ = "contact"
    __part_of__ = PartOf(Customer, "customer_id")
    __searched__ = ("name", "office_phone", "mobile", "email", "wechat")
    __table_args__ = (
        Index("ix_contact_customer_id", "customer_id"),
        Index("uq_contact_primary", "customer_id", unique=True, postgresql_where=sql("is_primary")),
        Index("ix_contact_created_at", "created_at", "id"),
        Index("ix_contact_name", "name", "id"),
        *(folded_index("contact", name) for name in ("category", "department")),
        Index("ix_contact_search_grams", "search_grams", postgresql_using="gin"),
        outdated("contact"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    name: Mapped[str] = text(100)
    gender: Mapped[str] = code("male", "female", "unknown")
    title: Mapped[str | None] = text(100)
    office_phone: Mapped[str | None] = text(50, secret=True)
    mobile: Mapped[str | None] = text(50, secret=True)
    email: Mapped[str | None] = email(secret=True)
    fax: Mapped[str | None] = text(50, secret=True)
    wechat: Mapped[str | None] = text(100, secret=True)
    birthday: Mapped[date | None] = mapped_column(info=secret())
    remark: Mapped[str | None] = text(2000)
    product_interest: Mapped[str | None] = text(500)
    department: Mapped[str | None] = text(100)
    reports_to_id: Mapped[UUID | None] = described(
        mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True),
        "The contact of the same customer to whom this one reports; there are no circles.",
    )
    category: Mapped[str | None] = text(100)
    tags: Mapped[list[str]] = texts(50, 50)
    preferences: Mapped[str | None] = text(1000)
    contact_consent: Mapped[bool | None]
    is_primary: Mapped[bool] = mapped_column(default=False)


def last_ones(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Those of these contacts that are the only one of their customer."""
    other = aliased(Contact)
    others = exists().where(other.customer_id == Contact.customer_id, other.id != Contact.id)
    return set(session.scalars(select(Contact.id).where(Contact.id.in_(ids), ~others)))
