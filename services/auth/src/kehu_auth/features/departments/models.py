"""Departments."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ForeignKey, Index, exists, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from kehu_auth.database import Base
from kehu_chassis.data.columns import text
from kehu_chassis.data.search import Searchable, outdated
from kehu_chassis.records import PublishedState, Record, Scope


class Department(Record, Searchable, Base):
    """A department, below another one or at the top."""

    __tablename__ = "department"
    __scope__ = Scope("department")
    __state__ = PublishedState(
        "auth.department-changed.v1",
        deleted="auth.department-deleted.v1",
        inside=("name_key", "created_at", "created_by"),
    )
    __searched__ = ("name",)
    __table_args__ = (
        Index("ix_department_search_grams", "search_grams", postgresql_using="gin"),
        outdated("department"),
        # By normalised name; top-level departments are siblings, too.
        Index(
            "uq_department_parent_id_name_key",
            "parent_id",
            "name_key",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    name: Mapped[str] = text(100)
    name_key: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("department.id", ondelete="RESTRICT"), index=True
    )


def filled(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Those of these departments that have people or departments: whatever keeps one."""
    each = select(func.unnest(list(ids)).label("id")).subquery()
    referring = [
        exists().where(key.parent == each.c.id)
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table is Department.__table__ and key.ondelete != "SET NULL"
    ]
    return set(session.scalars(select(each.c.id).where(or_(*referring))))
