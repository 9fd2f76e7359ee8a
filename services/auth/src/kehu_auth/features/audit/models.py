"""Audit entries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kehu_auth.database import Base
from kehu_auth.features.audit.texts import TEXTS
from kehu_chassis.data.columns import code

OUTCOMES = ("done", "refused")


class AuditEntry(Base):
    """One action that was done or refused in a service; never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_occurred_at_id", "occurred_at", "id"),
        Index("ix_audit_entry_actor_id_occurred_at", "actor_id", "occurred_at"),
        Index("ix_audit_entry_record_id_occurred_at", "record_id", "occurred_at"),
        # The trail only grows, and searches look for what is rare in it.
        *(
            Index(f"ix_audit_entry_{name}_occurred_at", name, "occurred_at")
            for name in ("service", "action", "outcome", "code", "record_type", "request_id")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    service: Mapped[str]
    occurred_at: Mapped[datetime]
    actor_id: Mapped[UUID]
    actor_kind: Mapped[str] = code(*TEXTS.labels["audit-entry.actor_kind"])
    operation: Mapped[str | None]
    action: Mapped[str]
    outcome: Mapped[str] = code(*OUTCOMES)
    code: Mapped[str | None]
    record_type: Mapped[str]
    record_id: Mapped[str | None]
    changes: Mapped[list[Any]] = mapped_column(JSONB)
    request_id: Mapped[str | None]

    @property
    def named_id(self) -> UUID | None:
        """Whose name is shown: nobody's if the caller was unknown, whose id is the system's."""
        return None if self.actor_kind == "anonymous" else self.actor_id
