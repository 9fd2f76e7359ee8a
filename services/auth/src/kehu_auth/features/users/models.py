"""Users."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from kehu_auth.database import Base
from kehu_chassis.data.database import Entity
from kehu_chassis.data.search import Searchable
from kehu_chassis.records.audit import secret


class User(Entity, Searchable, Base):
    """A person who may sign in.  Users are disabled, never deleted: records keep their names.

    ``epoch`` counts the times that all access tokens of the user were made void, ``voided_at`` is
    the last of them.
    """

    __tablename__ = "user"
    __table_args__ = (
        Index("ix_user_search_grams", "search_grams", postgresql_using="gin"),
        Index("ix_user_roles", "roles", postgresql_using="gin"),
    )

    username: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    password_hash: Mapped[str | None] = mapped_column(info=secret())
    must_change_password: Mapped[bool]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    locale: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    department_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("department.id", ondelete="RESTRICT"), index=True
    )
    regions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    industries: Mapped[list[str]] = mapped_column(ARRAY(Text))
    enabled: Mapped[bool]
    epoch: Mapped[int]
    voided_at: Mapped[datetime | None] = mapped_column(index=True)
