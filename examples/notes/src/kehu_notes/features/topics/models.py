"""The replica of topics."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.messaging.replica import Mirrors, Replica
from kehu_notes.database import Base


class TopicRef(Replica, Base):
    """A topic as mirrored here; a deleted one leaves a tombstone."""

    __tablename__ = "topic_ref"
    __mirrors__ = Mirrors("topics.topic-changed.v1", deleted="topics.topic-deleted.v1")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    deleted: Mapped[bool]
    version: Mapped[int] = mapped_column(BigInteger)
