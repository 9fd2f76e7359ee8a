"""The effects of orders on warnings and losses."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_customer.features.churn import rules
from kehu_customer.features.churn.models import ChurnReprieve, ChurnWarning
from kehu_customer.features.churn.service.opening import Finding, limits, open_warnings
from kehu_customer.features.customers import service as customers
from kehu_customer.features.orders import service as orders


def react_to_orders(session: Session, changes: orders.OrderChanges) -> None:
    """React to orders that were recorded or attached, and to what was reported as stale."""
    if changes.applied:
        _orders_applied(session, changes.applied)
    for customer_id, last_order_at in changes.stale:
        _stale(session, customer_id, last_order_at)


def _orders_applied(session: Session, applied: Sequence[orders.Applied]) -> None:
    customer_ids = {order.customer_id for order in applied}
    latest = _latest((order.customer_id, order.ordered_on) for order in applied if order.counts)
    _reactivate(session, latest)
    for warning in _newest_warnings(session, customer_ids):
        day = latest.get(warning.customer_id)
        ordered_since = day is not None and day >= warning.cut_off_on
        if warning.state in rules.ACTIVE and ordered_since:
            warning.state, warning.closed_at = "recovered", clock.now()
            warning.next_review_on = None
        elif warning.state == "recovered" and not ordered_since:
            _reopen(session, warning)
        if warning.state in rules.ACTIVE:
            _correct(session, warning)


def _newest_warnings(session: Session, customer_ids: Iterable[UUID]) -> Iterable[ChurnWarning]:
    """The newest warning of each customer, locked; an active one is always the newest."""
    warnings = session.scalars(
        select(ChurnWarning)
        .where(ChurnWarning.customer_id.in_(customer_ids))
        .order_by(ChurnWarning.customer_id, ChurnWarning.opened_at, ChurnWarning.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {warning.customer_id: warning for warning in warnings}.values()


def _reopen(session: Session, warning: ChurnWarning) -> None:
    """Reopen a recovered warning if the order that recovered it is cancelled or moved to another
    customer: the result is the same as if it had never arrived."""
    last = orders.last_order_days(session, [warning.customer_id]).get(warning.customer_id)
    if last is not None and last >= warning.cut_off_on:
        return
    review_on = session.scalar(
        select(ChurnReprieve.next_review_on)
        .where(ChurnReprieve.warning_id == warning.id)
        .order_by(ChurnReprieve.id.desc())
        .limit(1)
    )
    warning.state = "reprieved" if review_on else "open"
    warning.next_review_on, warning.closed_at = review_on, None


def _correct(session: Session, warning: ChurnWarning) -> None:
    """An older order, or a cancelled one, only corrects the date of the last order.  The sales
    system may have reported one that it did not publish itself."""
    found = orders.last_order_days(session, [warning.customer_id], before=warning.cut_off_on)
    days = {found.get(warning.customer_id), warning.reported_on} - {None}
    warning.last_order_on = max(days, default=None)  # type: ignore[type-var]
    warning.kind = "inactive" if days else "never_ordered"


def _reactivate(session: Session, latest: Mapping[UUID, date]) -> None:
    """Reactivate lost customers with an order on or after the cut-off of the warning by which they
    were confirmed as lost: had it arrived before, it would have recovered that warning (C10)."""
    lost = customers.open_losses(session, latest)
    of_loss = ChurnWarning.id.in_(lost.values())
    cut_offs: dict[UUID, date] = dict(
        session.execute(select(ChurnWarning.id, ChurnWarning.cut_off_on).where(of_loss)).all()
    )
    for customer_id, warning_id in sorted(lost.items()):
        customer = customers.hold(session, customer_id)
        if customer is None or customer.lost_at is None:
            continue
        if latest[customer_id] >= cut_offs[warning_id]:
            customers.reactivate(session, customer, cause="order")


def _stale(session: Session, customer_id: UUID, last_order_at: datetime) -> None:
    """The sales system reported a last order as old: warn under the scan's own rule."""
    customer = customers.hold(session, customer_id)
    if customer is None or customer.status != "normal":
        return
    reported = clock.local_day(last_order_at)
    known: date | None = orders.last_order_days(session, [customer_id]).get(customer_id)
    if known is not None and known > reported:
        return
    cut_off_on = limits(session).cut_off(customer, clock.today())
    kind = rules.kind_due(customer, reported, cut_off_on)
    if kind is not None:
        open_warnings(session, [Finding(customer, kind, reported, cut_off_on, reported)])


def _latest(pairs: Iterable[tuple[UUID, date]]) -> dict[UUID, date]:
    found: dict[UUID, date] = {}
    for key, value in pairs:
        if key not in found or value > found[key]:
            found[key] = value
    return found
