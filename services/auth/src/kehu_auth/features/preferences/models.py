"""Preferences."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kehu_auth.database import Base
from kehu_auth.features.preferences import rules
from kehu_chassis.data.columns import code, described


class Preferences(Base):
    """The preferences of a person who changed any.  No entity: the audit trail is for business."""

    __tablename__ = "preferences"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    theme: Mapped[str] = code(*rules.THEMES)
    density: Mapped[str] = code(*rules.DENSITIES)
    shortcuts: Mapped[bool] = described(
        mapped_column(), "Whether single letters work as keyboard shortcuts."
    )
    columns: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[int]
