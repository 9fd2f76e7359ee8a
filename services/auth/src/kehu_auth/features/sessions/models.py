"""Sessions and their refresh tokens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kehu_auth.database import Base
from kehu_chassis.data.database import new_id


class LoginSession(Base):
    """One sign-in, until it is signed out, expires, or is ended by somebody."""

    __tablename__ = "login_session"
    __table_args__ = (
        Index("ix_login_session_user_id_last_used_at", "user_id", "last_used_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    # Where it was used last; null if it is of an earlier release.
    address: Mapped[str | None]
    device: Mapped[str | None]
    # The hash of the secret in a browser's cookie; null if it continues by refresh tokens.
    secret_hash: Mapped[str | None] = mapped_column(unique=True)
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    end_reason: Mapped[str | None]


class RefreshToken(Base):
    """A refresh token by its hash.  A used one is kept as long as its session, to detect reuse."""

    __tablename__ = "refresh_token"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("login_session.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
