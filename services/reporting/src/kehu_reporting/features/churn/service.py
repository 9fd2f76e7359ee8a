"""Storing losses, and reporting on them and on warnings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import marshmallow as ma
from sqlalchemy import Select, func, literal, or_, select
from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data import validate
from kehu_chassis.data.fields import CommaList, Text
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_chassis.messaging import projection
from kehu_chassis.messaging.versions import known
from kehu_reporting import pages, periods
from kehu_reporting.features.churn import rules
from kehu_reporting.features.churn.models import ChurnWarning, Loss, Reactivation
from kehu_reporting.features.customers import service as customers
from kehu_reporting.periods import period_of

Data = dict[str, Any]
Events = Sequence[tuple[Data, int]]


def _extra(*, reasons: bool) -> dict[str, ma.fields.Field[Any]]:
    several = validate.Length(1, 50)
    found: dict[str, ma.fields.Field[Any]] = {
        "manager_id": CommaList(ma.fields.UUID(), validate=several),
        "customer_id": CommaList(ma.fields.UUID(), validate=several),
        "customer_name": Text(max_length=100, min_length=1),
    }
    if reasons:
        found["reason_code"] = CommaList(Text(max_length=50, min_length=1), validate=several)
    return found | periods.fields()


LOSSES = Listing(
    Loss,
    sorts=("lost_at",),
    default_sort="-lost_at",
    extra=_extra(reasons=True),
)

WARNINGS = Listing(
    ChurnWarning,
    filters=("state", "kind"),
    choices={"state": rules.STATES},
    sorts=("opened_at",),
    default_sort="-opened_at",
    extra=_extra(reasons=False),
)


def store_losses(session: Session, events: Events) -> None:
    """Store losses; a warning is confirmed once, so its id names the loss."""
    rows = [
        {
            "id": UUID(data["warning_id"]),
            "customer_id": UUID(data["id"]),
            "manager_id": projection.uuid_of(data.get("manager_at_loss_id")),
            "lost_at": datetime.fromisoformat(data["lost_at"]),
            "reason_code": data["reason_code"],
            "reason": data["reason"],
            "confirmed_by": projection.uuid_of(data.get("confirmed_by")),
            "version": version,
        }
        for data, version in events
    ]
    projection.store(session, Loss, rows, "id")


def store_reactivations(session: Session, events: Events) -> None:
    """Store when lost customers came back."""
    rows = [
        {
            "customer_id": UUID(data["id"]),
            "reactivated_at": datetime.fromisoformat(data["reactivated_at"]),
            "cause": data["cause"],
            "version": version,
        }
        for data, version in events
    ]
    projection.store(session, Reactivation, rows, "customer_id", "reactivated_at")


def churn(session: Session, actor: Actor, args: Data) -> Data:
    """Lost customers with the figures by reason and manager, and the rescue rate of warnings."""
    page = losses(session, actor, args)
    by_reason = _grouped(session, actor, args, Loss.reason_code)
    by_manager = _grouped(session, actor, args, Loss.manager_id)
    return {
        "period": period_of(args),
        "lost": sum(row["lost"] for row in by_reason),
        "won_back": sum(row["won_back"] for row in by_reason),
        "by_reason": by_reason,
        "by_manager": by_manager,
        "warnings": _rescue(session, actor, args),
        "items": page.items,
        "next_cursor": page.next_cursor,
        "total": page.total,
        "total_capped": page.total_capped,
    }


def losses(session: Session, actor: Actor, args: Data) -> Page:
    """One page of lost customers."""
    statement = _losses(select(Loss), actor, args)
    page = LOSSES.page(session, statement, pages.listing_args(args))
    known = customers.labels(session, [loss.customer_id for loss in page.items])
    return page.map(lambda loss: _shown_loss(loss, known[loss.customer_id]))


def warnings(session: Session, actor: Actor, args: Data) -> Page:
    """One page of the warnings behind the rescue rate."""
    statement = _warnings(select(ChurnWarning), actor, args, customers.reference())
    page = WARNINGS.page(session, statement, pages.listing_args(args))
    known = customers.labels(session, [warning.customer_id for warning in page.items])
    return page.map(lambda warning: _shown_warning(warning, known[warning.customer_id]))


def _losses(statement: Select[Any], actor: Actor, args: Data) -> Select[Any]:
    customer = customers.reference()
    statement = (
        statement.select_from(Loss)
        .join(customer, customer.id == Loss.customer_id)
        .where(
            customer.deleted.is_(False),
            directory.visible(actor, "report:read", Loss.manager_id),
            *period_of(args).conditions(Loss.lost_at),
        )
    )
    if "reason_code" in args:
        statement = statement.where(Loss.reason_code.in_(args["reason_code"]))
    if "manager_id" in args:
        statement = statement.where(Loss.manager_id.in_(args["manager_id"]))
    return _of_customers(statement, customer, args)


def _grouped(session: Session, actor: Actor, args: Data, column: Any) -> list[Data]:
    # Counting the subquery first keeps it out of the grouping.
    each = _losses(
        select(column.label("key"), Loss.won_back_at.label("back")),  # type: ignore[attr-defined]
        actor,
        args,
    ).subquery()
    lost = func.count().label("lost")
    rows = session.execute(
        select(each.c.key.label(column.key), lost, func.count(each.c.back).label("won_back"))
        .group_by(each.c.key)
        .order_by(lost.desc(), each.c.key)
    )
    return [dict(row._mapping) for row in rows]


def _warnings(statement: Select[Any], actor: Actor, args: Data, customer: Any) -> Select[Any]:
    statement = (
        statement.select_from(ChurnWarning)
        .join(customer, customer.id == ChurnWarning.customer_id)
        .where(
            customers.in_scope(actor, customer),
            *period_of(args).conditions(ChurnWarning.opened_at),
        )
    )
    if "manager_id" in args:
        statement = statement.where(customer.manager_id.in_(args["manager_id"]))
    return _of_customers(statement, customer, args)


def _of_customers(statement: Select[Any], customer: Any, args: Data) -> Select[Any]:
    """Limit lists and figures alike to the requested customers."""
    if "customer_id" in args:
        statement = statement.where(customer.id.in_(args["customer_id"]))
    if "customer_name" in args:
        statement = statement.where(customers.named(customer, args["customer_name"]))
    return statement


def _rescue(session: Session, actor: Actor, args: Data) -> Data:
    customer = customers.reference()
    not_lost = or_(customer.status.is_(None), customer.status != "lost")
    kept: Any = func.count().filter(not_lost).label("kept")
    columns = select(ChurnWarning.state, func.count().label("opened"), kept)
    rows = session.execute(
        _warnings(columns, actor, args, customer).group_by(ChurnWarning.state)
    ).all()
    counts = {row.state: row.opened for row in rows}
    not_gone = {row.state: row.kept for row in rows}
    return rules.rescue(counts, not_gone.get(rules.REPRIEVED, 0))


def _shown_loss(loss: Loss, customer: Any) -> Any:
    return records.show(loss, **customers.shown(customer))


def _shown_warning(warning: ChurnWarning, customer: Any) -> Any:
    return records.show(warning, **customers.shown(customer), manager_id=customer.manager_id)


VERSIONS = [
    known(
        "customer.churn-warning-changed.v1",
        select(ChurnWarning.id, ChurnWarning.version, customers.deleted(ChurnWarning.customer_id)),
    ),
    known(
        "customer.customer-lost.v1",
        select(Loss.id, literal(1), customers.deleted(Loss.customer_id)),
    ),
]
