"""The administrator's routes for dead letters, the same in every service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kehu_chassis import deadletters
from kehu_chassis.listing import page_schema
from kehu_chassis.service import Service
from kehu_chassis.web.blueprint import Blueprint, session


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
    @blp.arguments(deadletters.LISTING.query, location="query")
    @blp.response(200, page_schema(deadletters.FailedEventSchema))
    def list_dead_letters(args: dict[str, Any]) -> Any:
        """List failed events."""
        return deadletters.list_(session(), args)

    @blp.route("/<uuid:dead_letter_id>", methods=["GET"])
    @blp.access("dead-letter:read")
    @blp.response(200, deadletters.FailedEventDetailSchema)
    def get_dead_letter(dead_letter_id: UUID) -> Any:
        """Show a failed event with its content."""
        return deadletters.get(session(), dead_letter_id)

    @blp.route("/<uuid:dead_letter_id>/replay", methods=["POST"])
    @blp.access("dead-letter:replay")
    @blp.response(202, deadletters.FailedEventSchema)
    def replay_dead_letter(dead_letter_id: UUID) -> Any:
        """Try a failed event again."""
        return deadletters.replay(session(), dead_letter_id)

    @blp.route("/<uuid:dead_letter_id>", methods=["DELETE"])
    @blp.access("dead-letter:discard", if_match=False)
    @blp.response(204)
    def discard_dead_letter(dead_letter_id: UUID) -> None:
        """Discard a failed event for good."""
        deadletters.discard(session(), dead_letter_id)

    return blp
