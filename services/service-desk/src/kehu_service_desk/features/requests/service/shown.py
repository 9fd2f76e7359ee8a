"""A service request as it is shown, and whom to notify of it."""

from collections.abc import Iterable
from types import SimpleNamespace
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.identity import directory
from kehu_service_desk.features.customers import service as customers
from kehu_service_desk.features.notifications import service as notifications
from kehu_service_desk.features.notifications.service import Notice
from kehu_service_desk.features.requests.models import ServiceRequest

Labels = dict[UUID, tuple[str, str]]
_PARAMS = ("number", "summary", "customer_id", "customer_name")


def show(session: Session, request: ServiceRequest) -> SimpleNamespace:
    """A request with number and name of its customer, as these are now."""
    return labelled(request, customers.labels(session, [request.customer_id]))


def labelled(request: ServiceRequest, labels: Labels) -> SimpleNamespace:
    """The same with labels at hand."""
    number, name = labels.get(request.customer_id, (None, None))
    return records.show(request, customer_number=number, customer_name=name)


def notify(
    session: Session, recipients: Iterable[UUID], request: ServiceRequest, code: str, **more: object
) -> None:
    """Notify people of a request, once for its present version."""
    shown = show(session, request)
    params = {name: getattr(shown, name) for name in _PARAMS}
    key = f"{code}:{shown.id}:{shown.version}"
    notice = Notice(key, code, params | more, "service_request", request.id)
    notifications.notify(session, recipients, notice)


def directors_of(session: Session, request: ServiceRequest) -> list[UUID]:
    """The directors of the assignee, else those of the customer's present manager, else all, as
    they read every request."""
    customer = customers.get(session, request.customer_id)
    people = (request.assignee_id, customer.manager_id if customer else None)
    known = [who for who in people if who and directory.person(session, who)]
    return notifications.directors_of(session, *known)
