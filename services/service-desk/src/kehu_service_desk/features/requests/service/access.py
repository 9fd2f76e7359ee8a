"""Finding a service request for somebody, and telling others what became of it."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_chassis.messaging import outbox
from kehu_chassis.problems import forbidden, not_found
from kehu_chassis.records import precondition, system_settings
from kehu_service_desk.features.customers import service as customers
from kehu_service_desk.features.notifications import service as notifications
from kehu_service_desk.features.notifications.service import Notice
from kehu_service_desk.features.requests import events, rules
from kehu_service_desk.features.requests.models import ServiceRequest

READ = "service-request:read"
ASSIGN = "service-request:assign"
AGENT = "service_agent"
ASSIGNABLE = ("account_manager", AGENT)


def readable(session: Session, actor: Actor) -> ColumnElement[bool]:
    """The condition that the actor may read a request: created by, assigned to or of a customer
    managed by them; with the setting ``customer_sharing`` = ``full``, whoever reads any reads
    all."""
    if actor.scope(READ) is not None and system_settings.get(session, "customer_sharing") == "full":
        actor = replace(actor, scope=lambda _permission: "all")
    return _in_scope(actor, READ)


def get(session: Session, actor: Actor, request_id: UUID) -> ServiceRequest:
    """One request; 404 if the actor may not read it."""
    request = session.scalars(
        select(ServiceRequest).where(ServiceRequest.id == request_id, readable(session, actor))
    ).first()
    if request is None:
        raise not_found()
    return request


def lock(
    session: Session, actor: Actor, request_id: UUID, *, act: str | None = None
) -> ServiceRequest:
    """One request, locked for a change; 404 if the actor may not read it, 403 if it lies outside
    their scope of ``act``, where the scope is what decides."""
    request = session.get(ServiceRequest, request_id, with_for_update=True)
    if request is None:
        raise not_found()
    get(session, actor, request_id)
    if act is not None and not _covers(session, actor, act, request):
        raise forbidden(act)
    return request


def require_unshared(session: Session, actor: Actor, request: ServiceRequest, act: str) -> None:
    """Refuse with 403 whoever reads the request only because ``customer_sharing`` is ``full``:
    what is shared is shared for reading."""
    if not _covers(session, actor, READ, request):
        raise forbidden(act)


def ready(request: ServiceRequest, action: str) -> None:
    """Refuse a change of a stale version (412) or in a state that does not allow it (409)."""
    precondition.check(request)
    rules.require_state(action, request.status)


def publish_state(session: Session, request: ServiceRequest) -> ServiceRequest:
    """Tell everybody the state that this transaction leaves the request in; returns it as it is
    shown."""
    publish_states(session, [request])
    return named(session, [request])[0]


def publish_states(session: Session, requests: Iterable[ServiceRequest]) -> None:
    """The same for many requests that nobody is shown."""
    session.flush()
    for request in requests:
        outbox.add(session, events.changed(request))


def tell(
    session: Session, recipients: Iterable[UUID], request: ServiceRequest, code: str, **more: object
) -> None:
    """Tell people about a request, once for the version that it now has."""
    session.flush()
    label = customers.labels(session, [request.customer_id]).get(request.customer_id)
    params = {
        "number": request.number,
        "summary": request.summary,
        "customer_id": request.customer_id,
        "customer_name": label[1] if label else None,
    }
    key = f"{code}:{request.id}:{request.version}"
    notice = Notice(key, code, params | more, "service_request", request.id)
    notifications.tell(session, recipients, notice)


def named(session: Session, requests: list[ServiceRequest]) -> list[ServiceRequest]:
    """The requests with number and name of their customers, as these are now."""
    labels = customers.labels(session, [request.customer_id for request in requests])
    for request in requests:
        number, name = labels.get(request.customer_id, (None, None))
        vars(request).update(customer_number=number, customer_name=name)
    return requests


def directors_of(session: Session, request: ServiceRequest) -> list[UUID]:
    """The directors of the assignee, else those of whoever manages the customer now, else all, as
    they read every request."""
    customer = customers.get(session, request.customer_id)
    people = (request.assignee_id, customer.manager_id if customer else None)
    known = [who for who in people if who and directory.person(session, who)]
    return notifications.directors_of(session, *known)


def _covers(session: Session, actor: Actor, permission: str, request: ServiceRequest) -> bool:
    scope = _in_scope(actor, permission)
    found = select(ServiceRequest.id).where(ServiceRequest.id == request.id, scope)
    return session.scalar(found) is not None


def _in_scope(actor: Actor, permission: str) -> ColumnElement[bool]:
    return directory.visible(
        actor,
        permission,
        ServiceRequest.created_by,
        ServiceRequest.assignee_id,
        customers.manager_of(ServiceRequest.customer_id),
    )
