"""The administrator's routes for dead letters, the same in every service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma

from kehu_chassis.data.fields import Actions
from kehu_chassis.data.listing import page_schema
from kehu_chassis.messaging.failures import FailedEvent
from kehu_chassis.records import dead_letters
from kehu_chassis.runtime.service import Service
from kehu_chassis.texts import TEXTS
from kehu_chassis.web.blueprint import Blueprint, language, session


def _explanation(row: FailedEvent) -> str | None:
    return TEXTS.label("dead-letter.code", row.code, language()) if row.code else None


class _Shown(ma.Schema):
    explanation = ma.fields.Function(
        _explanation,
        metadata={
            "type": ["string", "null"],
            "description": "What the code means, in the caller's language.",
        },
    )
    actions = Actions(model=FailedEvent)


class DeadLetterSchema(_Shown, dead_letters.FailedEventSchema):
    """A failed event without its content."""


class DeadLetterDetailSchema(_Shown, dead_letters.FailedEventDetailSchema):
    """A failed event with its content, as text."""


def blueprint(service: Service) -> Any:
    """The routes under permission ``dead-letter:*``, audited."""
    blp = Blueprint(
        "dead-letters",
        __name__,
        url_prefix="/dead-letters",
        description=f"Events that {service.name} could not handle.",
    )

    @blp.route("", methods=["GET"])
    @blp.access("dead-letter:read")
    @blp.arguments(dead_letters.LISTING.query, location="query")
    @blp.response(200, page_schema(DeadLetterSchema))
    def list_dead_letters(args: dict[str, Any]) -> Any:
        """List failed events."""
        return dead_letters.list_(session(), args)

    @blp.route("/<uuid:dead_letter_id>", methods=["GET"])
    @blp.access("dead-letter:read")
    @blp.response(200, DeadLetterDetailSchema)
    def get_dead_letter(dead_letter_id: UUID) -> Any:
        """Show a failed event with its content."""
        return dead_letters.get(session(), dead_letter_id)

    @blp.route("/<uuid:dead_letter_id>/replay", methods=["POST"])
    @blp.access("dead-letter:replay")
    @blp.response(202, DeadLetterSchema)
    def replay_dead_letter(dead_letter_id: UUID) -> Any:
        """Try a failed event again."""
        return dead_letters.replay(session(), dead_letter_id)

    @blp.route("/<uuid:dead_letter_id>", methods=["DELETE"])
    @blp.access("dead-letter:discard", if_match=False)
    @blp.response(204)
    def discard_dead_letter(dead_letter_id: UUID) -> None:
        """Discard a failed event for good."""
        dead_letters.discard(session(), dead_letter_id)

    return blp
