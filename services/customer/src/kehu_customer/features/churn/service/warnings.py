"""Reading warnings, and acting on them."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from kehu_chassis import clock, records
from kehu_chassis.actor import Actor
from kehu_chassis.data.counts import Counts
from kehu_chassis.data.fields import Text
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.data.search import MAX_QUERY
from kehu_chassis.problems import invalid, not_found
from kehu_chassis.records import Operation, system_settings
from kehu_customer.features.churn import operations, rules
from kehu_customer.features.churn.models import ChurnReprieve, ChurnWarning
from kehu_customer.features.customers import service as customers

WARNINGS = Listing(
    ChurnWarning,
    sorts=("opened_at", "last_order_on", "next_review_on", "customer_name"),
    default_sort="-opened_at",
    filters=("state", "kind", "manager_id", "customer_id", "customer_number"),
    ranges=("opened_at", "last_order_on", "cut_off_on", "next_review_on"),
    choices={"state": rules.STATES, "kind": rules.KINDS},
    extra={"q": Text(max_length=MAX_QUERY)},
)


COUNTS = Counts(WARNINGS, by=("state", "manager_id"))
ACTIVE = rules.ACTIVE


def list_(session: Session, actor: Actor, args: Mapping[str, Any]) -> Page:
    """The warnings that the caller may read; ``q`` looks for the customer's name or number."""
    days = system_settings.get(session, "churn_measure_days")
    page = records.page(session, actor, WARNINGS, args, *_found(args))
    return page.map(lambda warning: _shown(warning, days))


def count(session: Session, actor: Actor, args: Mapping[str, Any]) -> dict[str, Any]:
    """How many of the same warnings there are by state or manager."""
    readable = select(ChurnWarning).where(records.readable(session, actor, ChurnWarning))
    return COUNTS.of(session, readable.where(*_found(args)), args)


def active(
    session: Session, actor: Actor, customer_ids: Collection[UUID]
) -> dict[UUID, tuple[UUID, str]]:
    """Id and state of the warning of each of these customers that is still open, as far as the
    caller may read it."""
    found = select(ChurnWarning.customer_id, ChurnWarning.id, ChurnWarning.state).where(
        ChurnWarning.customer_id.in_(customer_ids),
        ChurnWarning.state.in_(ACTIVE),
        records.readable(session, actor, ChurnWarning),
    )
    return {customer_id: (ident, state) for customer_id, ident, state in session.execute(found)}


def any_of(session: Session, customer_id: UUID) -> bool:
    """Whether a customer ever had a warning."""
    return bool(session.scalar(select(exists().where(ChurnWarning.customer_id == customer_id))))


def get(session: Session, actor: Actor, warning_id: UUID) -> Any:
    """One warning with its history; 404 if the caller may not read it."""
    return _detail(session, records.get(session, actor, ChurnWarning, warning_id))


def list_changes(session: Session, actor: Actor, warning_id: UUID, args: dict[str, Any]) -> Page:
    """One page of who changed a churn warning, and what."""
    return records.changes_of(session, actor, ChurnWarning, warning_id, args)


def reprieve(
    session: Session,
    actor: Actor,
    warning_id: UUID,
    *,
    measure: str,
    next_review_on: date | None = None,
) -> Any:
    """Record a measure and the day of the next review."""
    warning = _hold(session, actor, warning_id, operations.REPRIEVE)
    if next_review_on is not None and next_review_on < clock.today():
        raise invalid("/next_review_on", "in-the-past")
    days = system_settings.get(session, "reprieve_days")
    review_on = next_review_on or clock.today() + timedelta(days=days)
    warning.state, warning.next_review_on = "reprieved", review_on
    # A further measure with the same day of review is a change too: it has a version and an event.
    warning.updated_at = clock.now()
    session.add(ChurnReprieve(warning_id=warning.id, measure=measure, next_review_on=review_on))
    return _detail(session, warning)


def confirm(
    session: Session, actor: Actor, warning_id: UUID, *, reason_code: str, reason: str
) -> Any:
    """Give a customer up, after at least one measure on this warning."""
    warning = _hold(session, actor, warning_id, operations.CONFIRM)
    customer = customers.hold(session, warning.customer_id)
    if customer is None:
        raise not_found()
    warning.state, warning.closed_at = "confirmed", clock.now()
    warning.next_review_on = None
    warning.reason_code, warning.reason, warning.confirmed_by = reason_code, reason, actor.id
    customers.lose(session, customer, warning_id=warning.id, reason_code=reason_code, reason=reason)
    return _detail(session, warning)


def follow(session: Session, customer: Any) -> None:
    """Copy a customer's new manager and name to its warnings."""
    warnings = session.scalars(
        select(ChurnWarning)
        .where(ChurnWarning.customer_id == customer.id)
        .order_by(ChurnWarning.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for warning in warnings:
        warning.manager_id, warning.customer_name = customer.manager_id, customer.name


def _found(args: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    if not args.get("q"):
        return []
    return [ChurnWarning.customer_id.in_(customers.found_ids(args["q"]))]


def _hold(
    session: Session, actor: Actor, warning_id: UUID, operation: Operation[ChurnWarning]
) -> ChurnWarning:
    customer_id = records.get(session, actor, ChurnWarning, warning_id).customer_id
    # The customer first, as orders and scans do, to avoid deadlocks.
    if customers.hold(session, customer_id) is None:
        raise not_found()
    return records.lock(session, actor, operation, warning_id)


def _detail(session: Session, warning: ChurnWarning) -> Any:
    reprieves = session.scalars(
        select(ChurnReprieve)
        .where(ChurnReprieve.warning_id == warning.id)
        .order_by(ChurnReprieve.id)
    )
    days = system_settings.get(session, "churn_measure_days")
    return _shown(warning, days, reprieves=reprieves.all())


def _shown(warning: ChurnWarning, days: int, **more: Any) -> Any:
    due = rules.measure_due_on(warning.state, warning.opened_at, days)
    return records.show(warning, measure_due_on=due, **more)
