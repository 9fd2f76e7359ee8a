"""Looking topics up."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis.messaging import replica
from kehu_chassis.problems import unknown_reference
from kehu_notes.features.topics.models import TopicRef


def require(session: Session, topic_id: UUID) -> None:
    """Require that a topic exists; 422 about ``topic_id`` otherwise."""
    topic = replica.awaited(session, TopicRef, topic_id)
    if topic is None or topic.deleted:
        raise unknown_reference("topic_id")


def names(session: Session, topic_ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """The names of topics, of those that are known."""
    wanted = {topic_id for topic_id in topic_ids if topic_id is not None}
    rows = session.execute(select(TopicRef.id, TopicRef.name).where(TopicRef.id.in_(wanted)))
    return {row.id: row.name for row in rows}
