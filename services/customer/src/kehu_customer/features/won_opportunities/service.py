"""Finding or creating the customer of a won opportunity."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis.data.search import normalise
from kehu_chassis.identity import directory
from kehu_chassis.messaging import outbox
from kehu_customer.features.contacts import service as contacts
from kehu_customer.features.customers import service as customers


def ingest_won_opportunity(session: Session, data: Mapping[str, Any]) -> None:
    """Find or create the customer of a won opportunity, once, under a lock on its name."""
    name = data["customer_name"]
    registration_no = customers.registration_no(data.get("registration_no"))
    customers.lock_identities(session, [(name, registration_no)])
    opportunity_id = UUID(data["id"])
    if customers.has_origin(session, opportunity_id):
        return
    known_id = UUID(data["customer_id"]) if data.get("customer_id") else None
    customer, namesakes = _find(session, known_id, registration_no, name)
    if customer is None:
        fields = _fields(data) | {"manager_id": _manager(session, data)}
        [customer] = customers.add(session, [fields], opportunity_id=opportunity_id)
        customers.add_origin(session, customer, opportunity_id)
        _add_contact(session, customer, data)
        for namesake in namesakes[:1]:
            customers.keep_apart(session, customer, namesake)
        if customer.manager_id is None:
            notice = customers.notice("customer-needs-manager", customer, audience="all_directors")
            outbox.add(session, notice)
        return
    if customer in namesakes and not customer.registration_no:
        # From now on it is this company, and no other of the same name.
        customer.registration_no = registration_no
    _add_contact(session, customer, data)
    if customer.lost_at is not None:
        customers.reactivate(session, customer, cause="opportunity")
    customers.link(session, customer, opportunity_id)
    _notify_managers(session, customer, data)


def _find(
    session: Session, known_id: UUID | None, registration_no: str | None, name: str
) -> tuple[Any, list[Any]]:
    """By id, then by registration number, then the oldest of that name unless the numbers of both
    contradict; with all of that name if it came to the name."""
    found = customers.candidates(
        session,
        ids=[known_id] if known_id else [],
        registration_nos=[registration_no] if registration_no else [],
        names=[name],
    )
    key = customers.registration_key(registration_no)
    for customer in found:
        if customer.id == known_id:
            return customer, []
    for customer in found:
        if key is not None and customers.registration_key(customer.registration_no) == key:
            return customer, []
    namesakes = [customer for customer in found if customer.name_key == normalise(name)]
    for customer in namesakes:
        if not customers.contradict(customer.registration_no, registration_no):
            return customer, namesakes
    return None, namesakes


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": data["customer_name"],
        "region": data.get("region"),
        "industry": data.get("industry"),
        "source": data.get("source"),
        "products": list(data.get("products") or []),
        "registration_no": customers.registration_no(data.get("registration_no")),
    }


def _manager(session: Session, data: Mapping[str, Any]) -> UUID | None:
    """The assignee, unless they cannot manage a customer by now; one not known yet can."""
    if not data.get("assignee_id"):
        return None
    assignee_id = UUID(data["assignee_id"])
    assignee = directory.person(session, assignee_id)
    if assignee is None or directory.is_available(assignee, customers.MANAGERS):
        return assignee_id
    return None


def _add_contact(session: Session, customer: Any, data: Mapping[str, Any]) -> None:
    if data.get("contact_name"):
        contacts.add_if_new(
            session, customer.id, name=data["contact_name"], phone=data.get("contact_phone")
        )


def _notify_managers(session: Session, customer: Any, data: Mapping[str, Any]) -> None:
    """Notify both people who work with one company, and the director."""
    assignee_id = UUID(data["assignee_id"]) if data.get("assignee_id") else None
    if customer.manager_id is None or assignee_id is None or assignee_id == customer.manager_id:
        return
    more = {
        "opportunity_id": data["id"],
        "opportunity_number": data["number"],
        "assignee_id": assignee_id,
    }
    kind = "opportunity-won-for-managed-customer"
    both = (customer.manager_id, assignee_id)
    outbox.add(session, customers.notice(kind, customer, recipients=both, **more))
    outbox.add(session, customers.notice(kind, customer, audience="directors_of_manager", **more))
