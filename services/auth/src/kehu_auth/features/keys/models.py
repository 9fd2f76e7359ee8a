"""Signing keys."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from kehu_auth.database import Base


class SigningKey(Base):
    """An Ed25519 key.  It signs from ``signs_from`` until the next one does, and is shown to
    verifiers from its creation until ``expires_at``."""

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(primary_key=True)
    public: Mapped[str]
    sealed_private: Mapped[str]
    created_at: Mapped[datetime]
    signs_from: Mapped[datetime]
    expires_at: Mapped[datetime | None]
