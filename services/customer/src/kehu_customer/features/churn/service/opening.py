"""Opening warnings, at most one for a customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.data.bulk import insert_rows
from kehu_chassis.data.database import actor_of, new_id
from kehu_chassis.messaging import outbox
from kehu_chassis.records import states, system_settings
from kehu_customer.features.churn import events, rules
from kehu_customer.features.churn.models import ChurnWarning


@dataclass(frozen=True)
class Finding:
    """A customer who is due a warning, and why."""

    customer: Any
    kind: str
    last_order_on: date | None
    cut_off_on: date
    reported_on: date | None = None


@dataclass(frozen=True)
class Limits:
    """The settings of how many months without order lead to a warning."""

    months: int
    by_level: dict[str, int]

    def cut_off(self, customer: Any, as_of: date) -> date:
        """The day before which a customer's latest order must lie for a warning."""
        return rules.cut_off(as_of, rules.months_of(customer, self.months, self.by_level))


def limits(session: Session) -> Limits:
    """The limits as they are set at present."""
    months = system_settings.get(session, "churn_months")
    return Limits(months, system_settings.get(session, "churn_months_by_level"))


def open_warnings(
    session: Session, findings: Sequence[Finding], *, scan_id: UUID | None = None
) -> Sequence[ChurnWarning]:
    """Open a warning for each finding whose customer has none open, and publish it."""
    if not findings:
        return []
    moment, who = clock.now(), actor_of(session).id
    rows = [
        {
            "id": new_id(),
            "customer_id": finding.customer.id,
            "customer_number": finding.customer.number,
            "customer_name": finding.customer.name,
            "manager_id": finding.customer.manager_id,
            "kind": finding.kind,
            "state": "open",
            "last_order_on": finding.last_order_on,
            "reported_on": finding.reported_on,
            "cut_off_on": finding.cut_off_on,
            "opened_at": moment,
            "created_at": moment,
            "created_by": who,
            "updated_at": moment,
            "updated_by": who,
            "version": 1,
        }
        for finding in findings
    ]
    statement = (
        insert_rows(ChurnWarning, rows)
        .execution_options(state_published=True)
        .on_conflict_do_nothing(
            index_elements=["customer_id"],
            index_where=text("state IN ('open', 'reprieved')"),
        )
        .returning(ChurnWarning)
    )
    warnings = session.scalars(statement).all()
    outbox.add_all(session, [partial(events.warned, warning, scan_id) for warning in warnings])
    states.add(session, warnings)
    return warnings
