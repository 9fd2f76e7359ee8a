"""Assigning, taking and handling service requests."""

from types import SimpleNamespace
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis import clock, records
from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_service_desk.features.requests import operations, rules
from kehu_service_desk.features.requests.models import RequestRound, ServiceRequest
from kehu_service_desk.features.requests.service.shown import notify, show

ASSIGNABLE = ("account_manager", rules.AGENT)


def assign(
    session: Session, actor: Actor, request_id: UUID, *, assignee_id: UUID
) -> SimpleNamespace:
    """Assign a request to an account manager or agent, or reassign it while it is assigned."""
    request = records.lock(session, actor, operations.ASSIGN, request_id)
    directory.require_colleague(
        session, actor, assignee_id,
        field="assignee_id", roles=ASSIGNABLE, permission=operations.ASSIGN.permission,
    )  # fmt: skip
    previous = request.assignee_id
    if previous != assignee_id:
        _give(request, assignee_id)
        if assignee_id != actor.id:
            notify(session, [assignee_id], request, "request-assigned")
        if previous is not None and previous != actor.id:
            notify(session, [previous], request, "request-reassigned")
    return show(session, request)


def take(session: Session, actor: Actor, request_id: UUID) -> SimpleNamespace:
    """Take an unassigned request; 403 if the caller reads it only because customers are shared, as
    sharing is for reading."""
    request = records.lock(session, actor, operations.TAKE, request_id)
    _give(request, actor.id)
    return show(session, request)


def handle(session: Session, actor: Actor, request_id: UUID, *, handling: str) -> SimpleNamespace:
    """Record what was done; only the assignee may.  Handler and time are set here."""
    request = records.lock(session, actor, operations.HANDLE, request_id)
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
    return show(session, request)


def _give(request: ServiceRequest, assignee_id: UUID) -> None:
    request.status = rules.ASSIGNED
    request.assignee_id, request.assigned_at = assignee_id, clock.now()
