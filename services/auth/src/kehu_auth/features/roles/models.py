"""Roles."""

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from kehu_auth.database import Base
from kehu_chassis.records import Record, Scope


class Role(Record, Base):
    """A role: permissions, each with its data scope (own, team, all)."""

    __tablename__ = "role"
    __scope__ = Scope("role")

    name: Mapped[str] = mapped_column(unique=True)
    label_zh: Mapped[str]
    label_en: Mapped[str]
    permissions: Mapped[dict[str, Any]]
    built_in: Mapped[bool]
