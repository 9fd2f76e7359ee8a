"""Saved views, and whose default each is."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kehu_auth.database import Base
from kehu_auth.features.saved_views import rules
from kehu_chassis.data.columns import described, text, texts
from kehu_chassis.data.database import Entity


class SavedView(Entity, Base):
    """Filters, order and columns of a list under a name.  Its creator owns it; others see it while
    it is shared with a role or a department of theirs."""

    __tablename__ = "saved_view"
    __table_args__ = (
        Index("ix_saved_view_created_by", "created_by"),
        Index("ix_saved_view_shared_with_role", "shared_with_role"),
        Index("ix_saved_view_shared_with_department_id", "shared_with_department_id"),
    )

    list_name: Mapped[str] = described(text(60), "The list it is for.", example="opportunities")
    name: Mapped[str] = text(100)
    filters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sort: Mapped[str | None] = text(100)
    columns: Mapped[list[str]] = texts(rules.MAX_COLUMNS, 60)
    shared_with_role: Mapped[str | None] = text(40)
    shared_with_department_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("department.id", ondelete="SET NULL")
    )


class DefaultView(Base):
    """The view with which a list opens for a person.  One for each list by its key, whatever
    happens at once."""

    __tablename__ = "default_view"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    list_name: Mapped[str] = mapped_column(primary_key=True)
    view_id: Mapped[UUID] = mapped_column(
        ForeignKey("saved_view.id", ondelete="CASCADE"), index=True
    )
