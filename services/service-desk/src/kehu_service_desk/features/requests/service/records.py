"""Creating and finding service requests."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.data import numbers, search
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_chassis.messaging.events import Event
from kehu_chassis.problems import invalid, unknown_reference
from kehu_service_desk.features.customers import service as customers
from kehu_service_desk.features.requests import events, rules
from kehu_service_desk.features.requests.models import RequestRound, ServiceRequest
from kehu_service_desk.features.requests.service import access


def list_(session: Session, actor: Actor, listing: Listing, args: dict[str, Any]) -> Page:
    """One page of the requests that the actor may read."""
    statement = select(ServiceRequest).where(access.readable(session, actor))
    page = listing.page(session, statement, args)
    access.named(session, page.items)
    return page


def get(session: Session, actor: Actor, request_id: UUID) -> ServiceRequest:
    """One request."""
    return access.named(session, [access.get(session, actor, request_id)])[0]


def list_rounds(session: Session, actor: Actor, request_id: UUID) -> dict[str, Any]:
    """Every round of a request, oldest first."""
    access.get(session, actor, request_id)
    rounds = select(RequestRound).where(RequestRound.request_id == request_id)
    return {"items": session.scalars(rounds.order_by(RequestRound.number)).all()}


def create(
    session: Session,
    actor: Actor,
    *,
    customer_id: UUID,
    previous_request_id: UUID | None = None,
    **form: Any,
) -> ServiceRequest:
    """Record what a customer asks."""
    customer = customers.require_for_request(session, actor, customer_id)
    if previous_request_id is not None:
        _require_previous(session, actor, previous_request_id, customer_id)
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
    return access.publish_state(session, request)


def follow_names(session: Session, customer_ids: Collection[UUID]) -> None:
    """Requests are found by what their customers are called now.  No change of the request: its
    version, which somebody may hold for the next step, stays."""
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
        session.execute(
            update(ServiceRequest)
            .where(ServiceRequest.id == request.id)
            .values(search_text=found_by, search_grams=search.grams(found_by))
            .execution_options(synchronize_session=False)
        )


def assignee_candidates(session: Session, actor: Actor, request_id: UUID) -> dict[str, Any]:
    """Whom a request may be assigned to, those with the least open work first."""
    access.get(session, actor, request_id)
    people = {
        person.id: person
        for role in access.ASSIGNABLE
        for person in directory.colleagues(session, actor, role, permission=access.ASSIGN)
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


def snapshots(session: Session) -> Iterator[Event]:
    """The present state of every request, for those who rebuild their read model."""
    query = select(ServiceRequest).order_by(ServiceRequest.id).execution_options(yield_per=500)
    for request in session.scalars(query):
        yield events.changed(request)


def _searched(
    request: ServiceRequest, customer_number: str, customer_name: str
) -> tuple[str | None, ...]:
    return (request.number, request.summary, request.contact, customer_number, customer_name)


def _require_previous(session: Session, actor: Actor, previous_id: UUID, customer_id: UUID) -> None:
    previous = session.scalars(
        select(ServiceRequest).where(
            ServiceRequest.id == previous_id, access.readable(session, actor)
        )
    ).first()
    if previous is None:
        raise unknown_reference("previous_request_id")
    if previous.customer_id != customer_id:
        raise invalid("/previous_request_id", "other-customer")
