"""How service requests end: by feedback, by closing, by cancelling, by silence."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_chassis.records import system_settings
from kehu_service_desk.features.requests import rules
from kehu_service_desk.features.requests.models import RequestRound, ServiceRequest
from kehu_service_desk.features.requests.service import access


def feedback(
    session: Session,
    actor: Actor,
    request_id: UUID,
    *,
    result: str,
    satisfaction: int,
    contact: str | None = None,
    channel: str | None = None,
) -> ServiceRequest:
    """Record what the customer says: satisfied, it is archived; not satisfied, handled again."""
    request = access.lock(session, actor, request_id)
    rules.require_feedback_giver(
        actor.id, request.created_by, request.assignee_id, is_agent=access.AGENT in actor.roles
    )
    access.ready(request, "feedback")
    this = session.scalars(
        select(RequestRound).where(
            RequestRound.request_id == request.id, RequestRound.number == request.rounds
        )
    ).one()
    this.result, this.satisfaction = result, satisfaction
    this.contact, this.channel = contact, channel
    this.feedback_by, this.feedback_at = actor.id, clock.now()
    _conclude(session, request, result, satisfaction)
    return access.publish_state(session, request)


def close(session: Session, actor: Actor, request_id: UUID, *, reason: str) -> ServiceRequest:
    """Archive a request without satisfaction; it is left out of averages."""
    request = access.lock(session, actor, request_id, act="service-request:close")
    access.ready(request, "close")
    _archive_unrated(request, reason)
    return access.publish_state(session, request)


def cancel(session: Session, actor: Actor, request_id: UUID, *, reason: str) -> ServiceRequest:
    """Cancel a request that is not archived yet; it is kept."""
    request = access.lock(session, actor, request_id, act="service-request:cancel")
    access.ready(request, "cancel")
    return _cancel(session, request, reason)


def withdraw(session: Session, actor: Actor, request_id: UUID, *, reason: str) -> ServiceRequest:
    """The creator cancels their own request, as long as nobody has it."""
    request = access.lock(session, actor, request_id)
    rules.require_creator(actor.id, request.created_by)
    access.ready(request, "withdraw")
    return _cancel(session, request, reason)


def archive_unanswered(session: Session, limit: int) -> int:
    """Archive up to ``limit`` requests that were handled long ago without an answer."""
    days: int = system_settings.get(session, "request_no_answer_days")
    due = (
        select(ServiceRequest)
        .where(
            ServiceRequest.status == rules.HANDLED,
            ServiceRequest.handled_at <= clock.now() - timedelta(days=days),
        )
        .order_by(ServiceRequest.handled_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    requests = session.scalars(due).all()
    for request in requests:
        _archive_unrated(request, rules.NO_ANSWER)
    access.publish_states(session, requests)
    return len(requests)


def _conclude(session: Session, request: ServiceRequest, result: str, satisfaction: int) -> None:
    # Everything is looked up before the request is touched, so that it is written once.
    assignee = request.assignee_id
    person = directory.person(session, assignee) if assignee else None
    status = rules.after_feedback(
        satisfaction,
        system_settings.get(session, "satisfaction_reopen_below"),
        assignee_available=person is not None and person.enabled,
    )
    if status == rules.ARCHIVED:
        request.status, request.archived_at = status, clock.now()
        request.result, request.satisfaction = result, satisfaction
    else:
        _reopen(session, request, status, satisfaction)


def _reopen(session: Session, request: ServiceRequest, status: str, satisfaction: int) -> None:
    directors = access.directors_of(session, request)
    # The round keeps what was done and said; the request itself is open again.
    request.status = status
    request.handling = request.handler_id = request.handled_at = None
    if status == rules.CREATED:
        request.assignee_id = request.assigned_at = None
    else:
        request.assigned_at = clock.now()
    more = {"satisfaction": satisfaction, "round": request.rounds + 1}
    if request.assignee_id is not None:
        access.tell(session, [request.assignee_id], request, "request-reopened", **more)
    access.tell(session, directors, request, "request-in-another-round", **more)


def _archive_unrated(request: ServiceRequest, reason: str) -> None:
    request.status, request.archived_at = rules.ARCHIVED, clock.now()
    request.close_reason = reason


def _cancel(session: Session, request: ServiceRequest, reason: str) -> ServiceRequest:
    request.status, request.cancelled_at = rules.CANCELLED, clock.now()
    request.cancel_reason = reason
    return access.publish_state(session, request)
