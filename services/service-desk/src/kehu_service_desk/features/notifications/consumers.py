"""Events of other services become notifications of the people concerned."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.identity import directory
from kehu_chassis.messaging.events import Received
from kehu_service_desk.features.notifications import rules, service
from kehu_service_desk.features.notifications.service import Notice

# A resync or restore publishes every loss again, under new event ids and long after it happened.
_NEWS_FOR = timedelta(days=1)


def opportunity_assigned(session: Session, event: Received) -> None:
    """Notify the new assignee, and on reassignment the previous one."""
    data = event.data
    assignee, previous = _id(data["assignee_id"]), _id(data.get("previous_assignee_id"))
    by = _id(data.get("assigned_by"))
    params = {name: data[name] for name in ("number", "customer_name", "summary")}
    codes = {assignee: "opportunity-assigned"}
    if previous != assignee:
        codes[previous] = "opportunity-reassigned"
    for recipient, code in codes.items():
        if recipient is not None and recipient != by:
            key = f"{code}:{data['id']}:{event.version}"
            notice = Notice(key, code, params, "opportunity", UUID(data["id"]))
            service.notify(session, [recipient], notice)


def churn_warned(session: Session, events: list[Received]) -> None:
    """Notify the manager of each warning; of customers without one, all directors in one summary
    of a scan, or of a day for warnings that no scan opened."""
    deliveries: list[tuple[UUID, Notice]] = []
    unmanaged: dict[str, list[dict[str, Any]]] = {}
    responsible: dict[str, list[UUID]] = {}
    for event in events:
        data = event.data
        manager = data.get("manager_id")
        if manager is None:
            occasion = data.get("scan_id") or _local_day(data["opened_at"]).isoformat()
            unmanaged.setdefault(occasion, []).append(data)
            continue
        if manager not in responsible:
            responsible[manager] = _responsible(session, UUID(manager))
        deliveries += [(who, _churn_notice(data)) for who in responsible[manager]]
    service.notify_all(session, deliveries)
    for occasion, warnings in sorted(unmanaged.items()):
        code = "churn-warned-unmanaged"
        params = {"day": min(_local_day(data["opened_at"]) for data in warnings)}
        notice = Notice(f"{code}:{occasion}", code, params, "churn_warning", None)
        parts = [data["id"] for data in warnings]
        service.notify_summary(session, service.all_directors(session), notice, parts)


def churn_warning_unattended(session: Session, event: Received) -> None:
    """Notify the director that nothing was done about a warning."""
    data = event.data
    params = _customer(data) | {"opened_on": _local_day(data["opened_at"])}
    notice = Notice(
        f"churn-unattended:{data['id']}",
        "churn-unattended",
        params,
        "churn_warning",
        UUID(data["id"]),
    )
    service.notify(session, service.directors_of(session, _id(data.get("manager_id"))), notice)


def customer_lost(session: Session, event: Received) -> None:
    """Notify the director of the manager at confirmation, once and while it is news, so that a new
    director is not notified of old losses."""
    data = event.data
    key = f"customer-lost:{data['warning_id']}"
    old = event.time - datetime.fromisoformat(data["lost_at"]) > _NEWS_FOR
    if old or service.was_notified(session, key):
        return
    params = {
        "customer_number": data["number"],
        "customer_name": data["name"],
        "reason_code": data["reason_code"],
        "reason": data["reason"],
    }
    notice = Notice(
        key,
        "customer-lost",
        params,
        "customer",
        UUID(data["id"]),
    )
    managers = (_id(data.get("manager_at_loss_id")), _id(data.get("manager_id")))
    service.notify(session, service.directors_of(session, *managers), notice)


def namesake_created(session: Session, event: Received) -> None:
    """Notify those who manage two customers of one name, and their directors, who decide whether
    they are one company."""
    data = event.data
    managers = {_id(data.get("manager_id")), _id(data["namesake_manager_id"])}
    recipients = {who for one in managers if one for who in _responsible(session, one)}
    for one in managers - {None} or {None}:
        recipients.update(service.directors_of(session, one))
    params = {
        "customer_id": data["id"],
        "customer_number": data["number"],
        "customer_name": data["name"],
        "namesake_number": data["namesake_number"],
    }
    code = "customer-namesake"
    notice = Notice(f"{code}:{data['id']}", code, params, "customer", UUID(data["id"]))
    service.notify(session, recipients, notice)


def notice_raised(session: Session, event: Received) -> None:
    """Notify the people whom the customer service names."""
    data = event.data
    recipients = {who for named in data["recipients"] for who in _responsible(session, UUID(named))}
    if data["audience"] == "directors_of_manager":
        recipients.update(service.directors_of(session, _id(data.get("manager_id"))))
    elif data["audience"] == "all_directors":
        recipients.update(service.all_directors(session))
    params = data["params"] | _customer(data) | {"kind": data["kind"]}
    notice = Notice(
        f"notice:{event.id}",
        rules.code_of_notice(data["kind"]),
        params,
        "customer",
        _id(data.get("customer_id")),
    )
    service.notify(session, recipients, notice)


def _responsible(session: Session, manager_id: UUID) -> list[UUID]:
    """The recipients for a manager: the manager, or the directors if the manager is disabled or
    manages no customers any more."""
    manager = directory.person(session, manager_id)
    if manager is None or directory.is_available(manager, service.MANAGERS):
        return [manager_id]
    return service.directors_of(session, manager_id)


def _churn_notice(data: dict[str, Any]) -> Notice:
    code = "churn-warned" if data.get("last_order_on") else "churn-warned-never-ordered"
    params = _customer(data) | {"last_order_on": data.get("last_order_on")}
    return Notice(f"churn-warned:{data['id']}", code, params, "churn_warning", UUID(data["id"]))


def _customer(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data.get(name) for name in ("customer_id", "customer_number", "customer_name")}


def _id(value: str | None) -> UUID | None:
    return UUID(value) if value else None


def _local_day(moment: str) -> date:
    return clock.local_day(datetime.fromisoformat(moment))
