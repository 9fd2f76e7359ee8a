"""Reading warnings, and acting on them."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.actor import Actor
from kehu_chassis.data.fields import Text
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.data.search import MAX_QUERY
from kehu_chassis.identity import directory
from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.events import Event
from kehu_chassis.problems import forbidden, invalid, not_found
from kehu_chassis.records import precondition, system_settings
from kehu_customer.features.churn import events, rules
from kehu_customer.features.churn.models import ChurnReprieve, ChurnWarning
from kehu_customer.features.customers import service as customers

WARNINGS = Listing(
    ChurnWarning,
    sorts={
        "opened_at": ChurnWarning.opened_at,
        "last_order_on": ChurnWarning.last_order_on,
        "next_review_on": ChurnWarning.next_review_on,
        "customer_name": ChurnWarning.customer_name,
    },
    default_sort="-opened_at",
    filters={
        "state": ChurnWarning.state,
        "kind": ChurnWarning.kind,
        "manager_id": ChurnWarning.manager_id,
        "customer_id": ChurnWarning.customer_id,
        "customer_number": ChurnWarning.customer_number,
    },
    ranges={
        "opened_at": ChurnWarning.opened_at,
        "last_order_on": ChurnWarning.last_order_on,
        "cut_off_on": ChurnWarning.cut_off_on,
        "next_review_on": ChurnWarning.next_review_on,
    },
    choices={"state": rules.STATES, "kind": rules.KINDS},
    extra={"q": Text(max_length=MAX_QUERY)},
)


class WarningView:
    """A warning with the measures taken on it."""

    def __init__(self, warning: ChurnWarning, reprieves: list[ChurnReprieve]) -> None:
        self._warning = warning
        self.reprieves = reprieves

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warning, name)


def visible(actor: Actor) -> Select[Any]:
    """The warnings that the actor may read."""
    return select(ChurnWarning).where(
        directory.visible(actor, "churn-warning:read", ChurnWarning.manager_id),
        ChurnWarning.customer_id.not_in(customers.deleted_ids()),
    )


def list_(session: Session, actor: Actor, args: Mapping[str, Any]) -> Page:
    """The warnings that the actor may read; ``q`` looks for the customer's name or number."""
    statement = visible(actor)
    if args.get("q"):
        found = customers.found_ids(args["q"])
        statement = statement.where(ChurnWarning.customer_id.in_(found))
    return WARNINGS.page(session, statement, args)


def any_of(session: Session, customer_id: UUID) -> bool:
    """Whether a customer was ever warned of."""
    return bool(session.scalar(select(exists().where(ChurnWarning.customer_id == customer_id))))


def get(session: Session, actor: Actor, warning_id: UUID) -> WarningView:
    """One warning with its history; 404 if the actor may not read it."""
    warning = session.scalar(visible(actor).where(ChurnWarning.id == warning_id))
    if warning is None:
        raise not_found()
    return _view(session, warning)


def reprieve(
    session: Session,
    actor: Actor,
    warning_id: UUID,
    *,
    measure: str,
    next_review_on: date | None = None,
) -> WarningView:
    """Take a measure and look again later."""
    warning = _lock(session, actor, warning_id, "churn-warning:reprieve")
    rules.require_active(warning)
    if next_review_on is not None and next_review_on < clock.today():
        raise invalid("/next_review_on", "in-the-past")
    days = system_settings.get(session, "reprieve_days")
    review_on = next_review_on or clock.today() + timedelta(days=days)
    warning.state, warning.next_review_on = "reprieved", review_on
    # A further measure with the same day of review is a change too: it has a version and an event.
    warning.updated_at = clock.now()
    session.add(ChurnReprieve(warning_id=warning.id, measure=measure, next_review_on=review_on))
    _publish_changed(session, warning)
    return _view(session, warning)


def confirm(
    session: Session, actor: Actor, warning_id: UUID, *, reason_code: str, reason: str
) -> WarningView:
    """Give a customer up, after at least one measure on this warning."""
    warning = _lock(session, actor, warning_id, "churn-warning:confirm")
    rules.require_reprieved(warning)
    customer = customers.locked(session, warning.customer_id)
    if customer is None:
        raise not_found()
    warning.state, warning.closed_at = "confirmed", clock.now()
    warning.next_review_on = None
    warning.reason_code, warning.reason, warning.confirmed_by = reason_code, reason, actor.id
    _publish_changed(session, warning)
    customers.lose(session, customer, warning_id=warning.id, reason_code=reason_code, reason=reason)
    return _view(session, warning)


def follow(session: Session, customer: Any) -> None:
    """A customer got another manager or name: its warnings go with it."""
    warnings = session.scalars(
        select(ChurnWarning)
        .where(ChurnWarning.customer_id == customer.id)
        .order_by(ChurnWarning.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for warning in warnings:
        warning.manager_id, warning.customer_name = customer.manager_id, customer.name
        if session.is_modified(warning):
            _publish_changed(session, warning)


def snapshots(session: Session) -> Iterator[Event]:
    """The state of every warning, for resync."""
    found = select(ChurnWarning).order_by(ChurnWarning.id).execution_options(yield_per=500)
    for warning in session.scalars(found):
        yield events.changed(warning)


def _lock(session: Session, actor: Actor, warning_id: UUID, permission: str) -> ChurnWarning:
    customer_id = session.scalar(
        visible(actor)
        .where(ChurnWarning.id == warning_id)
        .with_only_columns(ChurnWarning.customer_id)
    )
    # The customer first, as orders and scans do, so that nobody waits for each other.
    if customer_id is None or customers.locked(session, customer_id) is None:
        raise not_found()
    warning = session.get_one(
        ChurnWarning, warning_id, with_for_update=True, populate_existing=True
    )
    permitted = directory.visible(actor, permission, ChurnWarning.manager_id)
    mine = select(ChurnWarning.id).where(ChurnWarning.id == warning_id, permitted)
    if session.scalar(mine) is None:
        raise forbidden(permission)
    precondition.check(warning)
    return warning


def _view(session: Session, warning: ChurnWarning) -> WarningView:
    session.flush()
    reprieves = session.scalars(
        select(ChurnReprieve)
        .where(ChurnReprieve.warning_id == warning.id)
        .order_by(ChurnReprieve.id)
    )
    return WarningView(warning, list(reprieves))


def _publish_changed(session: Session, warning: ChurnWarning) -> None:
    session.flush()
    outbox.add(session, events.changed(warning))
