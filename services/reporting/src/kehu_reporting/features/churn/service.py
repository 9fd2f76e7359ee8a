"""Storing losses and warnings, and reporting on them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, or_, select
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_chassis.messaging import projection
from kehu_chassis.messaging.versions import known
from kehu_reporting import pages
from kehu_reporting.features.churn import rules
from kehu_reporting.features.churn.models import ChurnWarning, Loss, Reactivation
from kehu_reporting.features.customers import service as customers
from kehu_reporting.periods import period_of

Data = dict[str, Any]
Events = Sequence[tuple[Data, int]]


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


def store_warnings(session: Session, events: Events) -> None:
    """Store the newest state of each warning."""
    customers.mentioned(session, [data for data, _ in events])
    rows = [
        {
            "id": UUID(data["id"]),
            "customer_id": UUID(data["customer_id"]),
            "kind": data["kind"],
            "state": data["state"],
            "last_order_on": _day(data.get("last_order_on")),
            "cut_off_on": _day(data.get("cut_off_on")),
            "opened_at": datetime.fromisoformat(data["opened_at"]),
            "closed_at": _moment(data.get("closed_at")),
            "version": version,
        }
        for data, version in events
    ]
    projection.store(session, ChurnWarning, rows, "id")


def churn(session: Session, actor: Actor, listing: Listing, args: Data) -> Data:
    """Lost customers with the figures by reason and manager, and the rescue rate of warnings."""
    page = losses(session, actor, listing, args)
    by_reason = _grouped(session, actor, args, Loss.reason_code)
    by_manager = _grouped(session, actor, args, Loss.manager_id)
    names = directory.names_of(session, [row["manager_id"] for row in by_manager])
    return {
        "period": period_of(args),
        "lost": sum(row["lost"] for row in by_reason),
        "won_back": sum(row["won_back"] for row in by_reason),
        "by_reason": by_reason,
        "by_manager": [row | {"manager_name": names.get(row["manager_id"])} for row in by_manager],
        "warnings": _rescue(session, actor, args),
        "items": page.items,
        "next_cursor": page.next_cursor,
        "total": page.total,
        "total_capped": page.total_capped,
    }


def losses(session: Session, actor: Actor, listing: Listing, args: Data) -> Page:
    """One page of lost customers."""
    statement = _losses(select(Loss), actor, args)
    page = listing.page(session, statement, pages.listing_args(args))
    known = customers.labels(session, [loss.customer_id for loss in page.items])
    names = directory.names_of(session, [loss.manager_id for loss in page.items])
    return page.map(lambda loss: _shown_loss(loss, known[loss.customer_id], names))


def warnings(session: Session, actor: Actor, listing: Listing, args: Data) -> Page:
    """One page of the warnings behind the rescue rate."""
    statement = _warnings(select(ChurnWarning), actor, args, customers.reference())
    page = listing.page(session, statement, pages.listing_args(args))
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
    """Lists and figures alike, limited to the customers that were asked for."""
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


def _shown_loss(loss: Loss, customer: Any, names: dict[UUID | None, str]) -> Data:
    return {
        "id": loss.id,
        "customer_id": loss.customer_id,
        "customer_number": customer.number,
        "customer_name": customer.name,
        "manager_id": loss.manager_id,
        "manager_name": names.get(loss.manager_id),
        "lost_at": loss.lost_at,
        "reason_code": loss.reason_code,
        "reason": loss.reason,
        "confirmed_by": loss.confirmed_by,
        "won_back_at": loss.won_back_at,  # type: ignore[attr-defined]
    }


def _shown_warning(warning: ChurnWarning, customer: Any) -> Data:
    columns = ChurnWarning.__table__.columns.keys()
    return {name: getattr(warning, name) for name in columns} | {
        "customer_number": customer.number,
        "customer_name": customer.name,
        "manager_id": customer.manager_id,
    }


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


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
