"""Assigning, taking and handling service requests."""

from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_service_desk.features.requests import rules
from kehu_service_desk.features.requests.models import RequestRound, ServiceRequest
from kehu_service_desk.features.requests.service import access


def assign(
    session: Session, actor: Actor, request_id: UUID, *, assignee_id: UUID
) -> ServiceRequest:
    """Give a request to an account manager or agent, or to another one while assigned."""
    request = access.lock(session, actor, request_id, act=access.ASSIGN)
    access.ready(request, "assign")
    directory.require_colleague(
        session, actor, assignee_id,
        field="assignee_id", roles=access.ASSIGNABLE, permission=access.ASSIGN,
    )  # fmt: skip
    if request.assignee_id == assignee_id:
        return access.named(session, [request])[0]
    _give(request, assignee_id)
    if assignee_id != actor.id:
        access.tell(session, [assignee_id], request, "request-assigned")
    return access.publish_state(session, request)


def take(session: Session, actor: Actor, request_id: UUID) -> ServiceRequest:
    """Take on a request that nobody has yet; whoever may handle requests and reads it, not only
    because customers are shared, may."""
    request = access.lock(session, actor, request_id)
    access.require_unshared(session, actor, request, "service-request:take")
    access.ready(request, "take")
    _give(request, actor.id)
    return access.publish_state(session, request)


def handle(session: Session, actor: Actor, request_id: UUID, *, handling: str) -> ServiceRequest:
    """Record what was done; only the assignee may.  Handler and time are set here."""
    request = access.lock(session, actor, request_id)
    rules.require_handler(actor.id, request.assignee_id)
    access.ready(request, "handle")
    moment = clock.now()
    request.status, request.rounds = rules.HANDLED, request.rounds + 1
    request.handling, request.handler_id, request.handled_at = handling, actor.id, moment
    session.add(
        RequestRound(
            request_id=request.id,
            number=request.rounds,
            assigned_at=request.assigned_at,
            handler_id=actor.id,
            handling=handling,
            handled_at=moment,
        )
    )
    return access.publish_state(session, request)


def _give(request: ServiceRequest, assignee_id: UUID) -> None:
    request.status = rules.ASSIGNED
    request.assignee_id, request.assigned_at = assignee_id, clock.now()
