"""Contacts."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data.database import Entity
from kehu_chassis.data.search import Searchable
from kehu_chassis.records.audit import secret
from kehu_customer.database import Base


class Contact(Entity, Searchable, Base):
    """A person at a customer.  What can be used to reach them stays out of the audit trail."""

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_customer_id", "customer_id"),
        Index(
            "uq_contact_primary", "customer_id", unique=True, postgresql_where=text("is_primary")
        ),
        Index("ix_contact_search_grams", "search_grams", postgresql_using="gin"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    name: Mapped[str]
    gender: Mapped[str]  # male, female, unknown
    title: Mapped[str | None]
    office_phone: Mapped[str | None] = mapped_column(info=secret())
    mobile: Mapped[str | None] = mapped_column(info=secret())
    email: Mapped[str | None] = mapped_column(info=secret())
    fax: Mapped[str | None] = mapped_column(info=secret())
    wechat: Mapped[str | None] = mapped_column(info=secret())
    birthday: Mapped[date | None] = mapped_column(info=secret())
    remark: Mapped[str | None]
    product_interest: Mapped[str | None]
    department: Mapped[str | None]
    # Of the same customer; who reports to whom has no circle.
    reports_to_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("contact.id", ondelete="SET NULL"), index=True
    )
    category: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    preferences: Mapped[str | None]
    contact_consent: Mapped[bool | None]
    is_primary: Mapped[bool]
