"""Departments."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kehu_auth.database import Base
from kehu_chassis.data.database import Entity
from kehu_chassis.data.search import Searchable


class Department(Entity, Searchable, Base):
    """A department, below another one or at the top."""

    __tablename__ = "department"
    __table_args__ = (
        Index("ix_department_search_grams", "search_grams", postgresql_using="gin"),
        # The name as people compare names; departments at the top are siblings too.
        Index(
            "uq_department_parent_id_name_key",
            "parent_id",
            "name_key",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    name: Mapped[str]
    name_key: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("department.id", ondelete="RESTRICT"), index=True
    )
