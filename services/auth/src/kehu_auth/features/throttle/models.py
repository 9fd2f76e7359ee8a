"""Counted attempts."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from kehu_auth.database import Base


class Attempts(Base):
    """Attempts under one key; the key is hashed, as people type passwords where names belong."""

    __tablename__ = "login_attempts"

    key: Mapped[str] = mapped_column(primary_key=True)
    attempts: Mapped[int]
    last_at: Mapped[datetime | None] = mapped_column(index=True)
    blocked_until: Mapped[datetime | None]
