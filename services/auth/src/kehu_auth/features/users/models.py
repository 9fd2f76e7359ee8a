"""Users."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Select, Text, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from kehu_auth.database import Base
from kehu_auth.features.roles import service as roles
from kehu_auth.features.users import rules
from kehu_chassis.data.columns import code, email, text, texts
from kehu_chassis.data.search import Searchable, outdated
from kehu_chassis.records import PublishedState, Record, Scope
from kehu_chassis.records.audit import secret


class User(Record, Searchable, Base):
    """A person who may sign in.  Users are disabled, never deleted: records keep their names.

    ``epoch`` counts how often all access tokens of the user were made void, ``voided_at`` is the
    last time.
    """

    __tablename__ = "user"
    __scope__ = Scope("user")
    __state__ = PublishedState(
        "auth.user-changed.v1",
        inside=("created_at", "created_by", "must_change_password", "phone", "epoch", "voided_at"),
    )
    __searched__ = ("display_name", "username")
    __table_args__ = (
        Index("ix_user_search_grams", "search_grams", postgresql_using="gin"),
        outdated("user"),
        Index("ix_user_roles", "roles", postgresql_using="gin"),
    )

    username: Mapped[str] = text(64, unique=True)
    display_name: Mapped[str] = text(100)
    password_hash: Mapped[str | None] = mapped_column(info=secret())
    must_change_password: Mapped[bool] = mapped_column(default=True)
    email: Mapped[str | None] = email(254)
    phone: Mapped[str | None] = text(50)
    locale: Mapped[str] = code(*rules.LOCALES, default=rules.LOCALES[0])
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    department_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("department.id", ondelete="RESTRICT"), index=True
    )
    regions: Mapped[list[str]] = texts(50, 50)
    industries: Mapped[list[str]] = texts(50, 50)
    enabled: Mapped[bool]
    epoch: Mapped[int]
    voided_at: Mapped[datetime | None] = mapped_column(index=True)


def administrators() -> Select[UUID]:
    """The ids of those who can administer the system."""
    return select(User.id).where(
        User.enabled,
        User.roles.contains([roles.ADMINISTRATOR]),
        User.password_hash.is_not(None),
    )


def last_administrators(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """The one of these users without whom nobody could administer the system."""
    found = set(session.scalars(administrators().limit(2)))
    return found & set(ids) if len(found) == 1 else set()
