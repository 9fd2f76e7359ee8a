"""How service requests end: by feedback, closing or cancelling, or without feedback."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis import clock, records
from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_chassis.records import system_settings
from kehu_service_desk.features.requests import operations, rules
from kehu_service_desk.features.requests.models import RequestRound, ServiceRequest
from kehu_service_desk.features.requests.service.handling import ASSIGNABLE
from kehu_service_desk.features.requests.service.shown import directors_of, notify, show


def feedback(
    session: Session,
    actor: Actor,
    request_id: UUID,
    *,
    result: str,
    satisfaction: int,
    contact: str | None = None,
    channel: str | None = None,
) -> SimpleNamespace:
    """Record the customer's feedback, which archives the request or sends it back."""
    request = records.lock(session, actor, operations.FEEDBACK, request_id)
    this = session.scalars(
        select(RequestRound).where(
            RequestRound.request_id == request.id, RequestRound.number == request.rounds
        )
    ).one()
    this.result, this.satisfaction = result, satisfaction
    this.contact, this.channel = contact, channel
    this.feedback_by, this.feedback_at = actor.id, clock.now()
    _conclude(session, request, result, satisfaction)
    return show(session, request)


def close(session: Session, actor: Actor, request_id: UUID, *, reason: str) -> SimpleNamespace:
    """Archive a request without satisfaction; it is left out of averages."""
    request = records.lock(session, actor, operations.CLOSE, request_id)
    _archive_unrated(request, reason)
    return show(session, request)


def cancel(session: Session, actor: Actor, request_id: UUID, *, reason: str) -> SimpleNamespace:
    """Cancel a request that is not archived yet; it is kept."""
    request = records.lock(session, actor, operations.CANCEL, request_id)
    _cancel(request, reason)
    return show(session, request)


def withdraw(session: Session, actor: Actor, request_id: UUID, *, reason: str) -> SimpleNamespace:
    """Cancel one's own request while it is unassigned."""
    request = records.lock(session, actor, operations.WITHDRAW, request_id)
    _cancel(request, reason)
    return show(session, request)


def archive_unanswered(session: Session, limit: int) -> int:
    """Archive up to ``limit`` requests that were handled long ago without feedback."""
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
    return len(requests)


def _conclude(session: Session, request: ServiceRequest, result: str, satisfaction: int) -> None:
    # Everything is looked up before the request is touched, so that it is written once.
    assignee = request.assignee_id
    person = directory.person(session, assignee) if assignee else None
    status = rules.after_feedback(
        satisfaction,
        system_settings.get(session, "satisfaction_reopen_below"),
        assignee_available=person is not None and directory.is_available(person, ASSIGNABLE),
    )
    if status == rules.ARCHIVED:
        request.status, request.archived_at = status, clock.now()
        request.result, request.satisfaction = result, satisfaction
    else:
        _reopen(session, request, status, satisfaction)


def _reopen(session: Session, request: ServiceRequest, status: str, satisfaction: int) -> None:
    directors = directors_of(session, request)
    # The round keeps what was done and the feedback; the request itself is open again.
    request.status = status
    request.handling = request.handler_id = request.handled_at = None
    if status == rules.CREATED:
        request.assignee_id = request.assigned_at = None
    else:
        request.assigned_at = clock.now()
    more = {"satisfaction": satisfaction, "round": request.rounds + 1}
    if request.assignee_id is not None:
        notify(session, [request.assignee_id], request, "request-reopened", **more)
    notify(session, directors, request, "request-in-another-round", **more)


def _archive_unrated(request: ServiceRequest, reason: str) -> None:
    request.status, request.archived_at = rules.ARCHIVED, clock.now()
    request.close_reason = reason


def _cancel(request: ServiceRequest, reason: str) -> None:
    request.status, request.cancelled_at = rules.CANCELLED, clock.now()
    request.cancel_reason = reason
