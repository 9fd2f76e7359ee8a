"""Creating and finding service requests."""

from collections.abc import Collection
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from kehu_chassis import problems, records
from kehu_chassis.actor import Actor
from kehu_chassis.data import hits, numbers, search
from kehu_chassis.data.counts import Counts
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_chassis.problems import invalid, unknown_reference
from kehu_chassis.records import system_settings
from kehu_service_desk.features.customers import service as customers
from kehu_service_desk.features.requests import operations, rules
from kehu_service_desk.features.requests.models import RequestRound, ServiceRequest
from kehu_service_desk.features.requests.service.handling import ASSIGNABLE
from kehu_service_desk.features.requests.service.shown import labelled, show

REQUESTS = Listing(
    ServiceRequest,
    filters=(
        "status", "type", "priority", "customer_id",
        "assignee_id", "created_by", "satisfaction", "close_reason",
    ),
    choices={
        "status": rules.STATUSES,
        "type": rules.TYPES,
        "priority": rules.PRIORITIES,
        "close_reason": rules.CLOSE_REASONS,
    },
    ranges=("created_at", "handled_at", "archived_at"),
    sorts=("created_at", "updated_at", "number", "archived_at"),
    default_sort="-created_at",
)  # fmt: skip


COUNTS = Counts(REQUESTS, by=("status", "assignee_id"))
_COMPARED = ("number", "summary", "contact")


def list_(session: Session, actor: Actor, args: dict[str, Any]) -> Page:
    """One page of the requests that the caller may read."""
    page = records.page(session, actor, REQUESTS, args)
    labels = customers.labels(session, [request.customer_id for request in page.items])
    return page.map(lambda request: labelled(request, labels))


def count(session: Session, actor: Actor, args: dict[str, Any]) -> dict[str, Any]:
    """How many of them there are by status or assignee."""
    readable = select(ServiceRequest).where(records.readable(session, actor, ServiceRequest))
    return COUNTS.of(session, readable, args)


def find(session: Session, actor: Actor, query: str) -> list[hits.Hit]:
    """The requests that the caller may read that a search box shows."""
    readable = select(ServiceRequest).where(records.readable(session, actor, ServiceRequest))
    return hits.best(session, REQUESTS, readable, query, by=_COMPARED)


def get(session: Session, actor: Actor, request_id: UUID) -> SimpleNamespace:
    """One request; 404 if the caller may not read it."""
    return show(session, records.get(session, actor, ServiceRequest, request_id))


def list_changes(session: Session, actor: Actor, request_id: UUID, args: dict[str, Any]) -> Page:
    """One page of who changed a request, and what."""
    return records.changes_of(session, actor, ServiceRequest, request_id, args)


def readable(session: Session, actor: Actor, ids: Collection[UUID]) -> set[UUID]:
    """Those of the requests that the caller may read now."""
    within = records.readable(session, actor, ServiceRequest)
    return set(session.scalars(select(ServiceRequest.id).where(ServiceRequest.id.in_(ids), within)))


def list_rounds(session: Session, actor: Actor, request_id: UUID) -> dict[str, Any]:
    """Every round of a request, oldest first, and the settings that decide what follows."""
    records.get(session, actor, ServiceRequest, request_id)
    rounds = select(RequestRound).where(RequestRound.request_id == request_id)
    return {
        "items": session.scalars(rounds.order_by(RequestRound.number)).all(),
        "reopen_below": system_settings.get(session, "satisfaction_reopen_below"),
        "no_answer_days": system_settings.get(session, "request_no_answer_days"),
    }


def create(
    session: Session,
    actor: Actor,
    *,
    customer_id: UUID,
    previous_request_id: UUID | None = None,
    **form: Any,
) -> SimpleNamespace:
    """Create a request of a customer."""
    customer, _ = problems.together(
        lambda: customers.require_for_request(session, actor, customer_id),
        lambda: _require_previous(session, actor, previous_request_id, customer_id),
    )
    request = ServiceRequest(
        number=numbers.next_numbers(session, "FW")[0],
        customer_id=customer_id,
        previous_request_id=previous_request_id,
        status=rules.CREATED,
        rounds=0,
        **form,
    )
    request.set_search(*_searched(request, customer.number, customer.name))
    session.add(request)
    return show(session, request)


def correct(session: Session, actor: Actor, request_id: UUID, **changes: Any) -> SimpleNamespace:
    """Correct a request while it is open; only its creator may."""
    request = records.lock(session, actor, operations.CORRECT, request_id)
    customer_id = changes.get("customer_id", request.customer_id)
    previous_id = changes.get("previous_request_id", request.previous_request_id)
    moved = customer_id != request.customer_id
    if moved:
        customers.require_for_request(session, actor, customer_id)
    if previous_id is not None and (moved or previous_id != request.previous_request_id):
        if previous_id == request.id:
            raise unknown_reference("previous_request_id")
        _require_previous(session, actor, previous_id, customer_id)
    for name, value in changes.items():
        setattr(request, name, value)
    label = customers.labels(session, [customer_id]).get(customer_id, (None, None))
    request.set_search(*_searched(request, *label))
    return show(session, request)


def follow_names(session: Session, customer_ids: Collection[UUID]) -> None:
    """Index requests by the present names of their customers.  They keep their versions, which
    callers may hold for the next step."""
    labels = customers.labels(session, customer_ids)
    outdated = select(ServiceRequest).where(
        or_(
            *(
                (ServiceRequest.customer_id == ident)
                & (func.strpos(ServiceRequest.search_text, search.normalise(name)) == 0)
                for ident, (_number, name) in labels.items()
            )
        )
    )
    for request in session.scalars(outdated) if labels else ():
        found_by = search.document(*_searched(request, *labels[request.customer_id]))
        search.put(session, request, found_by)


def searched_texts(session: Session, requests: list[ServiceRequest]) -> list[Any]:
    """The texts by which requests are found."""
    labels = customers.labels(session, {request.customer_id for request in requests})
    return [
        _searched(request, *labels.get(request.customer_id, (None, None))) for request in requests
    ]


def assignee_candidates(session: Session, actor: Actor, request_id: UUID) -> dict[str, Any]:
    """The candidates for assignment, least busy first."""
    records.find(session, actor, operations.LIST_CANDIDATES, request_id)
    people = {
        person.id: person
        for role in ASSIGNABLE
        for person in directory.colleagues(
            session, actor, role, permission=operations.ASSIGN.permission
        )
    }
    workload: dict[UUID | None, int] = dict(
        session.execute(
            select(ServiceRequest.assignee_id, func.count())
            .where(ServiceRequest.status == rules.ASSIGNED)
            .group_by(ServiceRequest.assignee_id)
        ).all()
    )
    items = [
        {
            "id": person.id,
            "display_name": person.display_name,
            "roles": person.roles,
            "open_requests": workload.get(person.id, 0),
        }
        for person in people.values()
    ]
    items.sort(key=lambda item: (item["open_requests"], item["display_name"]))
    return {"items": items}


def _searched(
    request: ServiceRequest, customer_number: str | None, customer_name: str | None
) -> tuple[str | None, ...]:
    return (request.number, request.summary, request.contact, customer_number, customer_name)


def _require_previous(
    session: Session, actor: Actor, previous_id: UUID | None, customer_id: UUID
) -> None:
    if previous_id is None:
        return
    previous = session.scalars(
        select(ServiceRequest).where(
            ServiceRequest.id == previous_id, records.readable(session, actor, ServiceRequest)
        )
    ).first()
    if previous is None:
        raise unknown_reference("previous_request_id")
    if previous.customer_id != customer_id:
        raise invalid("/previous_request_id", "other-customer")
