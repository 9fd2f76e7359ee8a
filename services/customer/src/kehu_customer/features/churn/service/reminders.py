"""Notifying people of warnings that wait: no measure in time, a review that is due."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.messaging import outbox
from kehu_chassis.records import system_settings
from kehu_customer.features.churn import events
from kehu_customer.features.churn.models import ChurnWarning
from kehu_customer.features.customers import service as customers

BATCH = 500


def report_unattended(session: Session) -> int:
    """Notify directors of open warnings on which nobody has acted in time, once each."""
    days = system_settings.get(session, "churn_measure_days")
    warnings = session.scalars(
        select(ChurnWarning)
        .where(
            ChurnWarning.state == "open",
            ChurnWarning.unattended_notified_at.is_(None),
            ChurnWarning.opened_at <= clock.now() - timedelta(days=days),
            ChurnWarning.customer_id.not_in(customers.deleted_ids()),
        )
        .order_by(ChurnWarning.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    _note(session, warnings, unattended_notified_at=clock.now())
    for warning in warnings:
        outbox.add(session, partial(events.unattended, warning))
    return len(warnings)


def remind_reviews(session: Session) -> int:
    """Remind managers of reprieved warnings whose day of review has come, once per such day."""
    today = clock.today()
    warnings = session.scalars(
        select(ChurnWarning)
        .where(
            ChurnWarning.state == "reprieved",
            ChurnWarning.next_review_on <= today,
            ChurnWarning.review_notified_on.is_distinct_from(ChurnWarning.next_review_on),
            ChurnWarning.customer_id.not_in(customers.deleted_ids()),
        )
        .order_by(ChurnWarning.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    briefs = customers.briefs(session, {warning.customer_id for warning in warnings})
    _note(session, warnings, review_notified_on=ChurnWarning.next_review_on)
    for warning in warnings:
        managed = warning.manager_id is not None
        outbox.add(
            session,
            customers.notice(
                "churn-review-due",
                briefs[warning.customer_id],
                recipients=(warning.manager_id,) if warning.manager_id else (),
                audience="users" if managed else "all_directors",
                warning_id=warning.id,
                next_review_on=warning.next_review_on,
            ),
        )
    return len(warnings)


def _note(session: Session, warnings: Sequence[ChurnWarning], **values: Any) -> None:
    """Record that people were notified.  The warning keeps its version, which a manager may hold
    for the next step, and nothing is published."""
    ids = [warning.id for warning in warnings]
    session.execute(
        update(ChurnWarning)
        .where(ChurnWarning.id.in_(ids))
        .values(values)
        .execution_options(synchronize_session=False, state_published=True)
    )
