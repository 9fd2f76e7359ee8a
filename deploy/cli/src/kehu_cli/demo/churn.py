"""Churn: a scan as of a date, its expected result, and the actions of a manager."""

import calendar
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from kehu_cli.demo.book import Order, Reason, name_key
from kehu_cli.demo.client import DemoError, Person, Refused
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.people import Staff
from kehu_cli.demo.waiting import wait_for, wait_until

SCANS, WARNINGS = "/customer/churn-scans", "/customer/churn-warnings"
MONTHS = 6
STATES = ("open", "reprieved", "confirmed", "recovered")


@dataclass(frozen=True)
class Measure:
    """Something done to keep a customer, and when it is reviewed unless on the default day."""

    text: str
    review_on: date | None = None


@dataclass(frozen=True)
class Plan:
    """What a manager does about a warning; with a loss they give the customer up in the end."""

    measures: tuple[Measure, ...]
    loss: Reason | None = None


# What a manager does to give up a customer for whom nothing else is planned.
USUAL = Plan((Measure("Called, offered 5 % off"),), Reason("price", "Buys elsewhere for less"))

Plans = Mapping[str, Plan]


@dataclass(frozen=True)
class Loss:
    """The confirmed loss and the manager who confirmed it."""

    customer_name: str
    manager: str


def months_before(day: date, months: int) -> date:
    """Return the day some calendar months earlier, at most the last one of that month."""
    total = day.year * 12 + day.month - 1 - months
    year, month = total // 12, total % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def due_for_warning(orders: Iterable[Order], as_of: date) -> dict[str, date]:
    """Return the customers due for a warning: normalised name to day of the last order.

    Customers without any order up to that day are not due: the demonstration has created all of
    them today, and a customer is not expected to have ordered before.
    """
    last: dict[str, date] = {}
    for order in orders:
        if order.counts_as_activity and order.ordered_on <= as_of:
            key = name_key(order.customer)
            last[key] = max(order.ordered_on, last.get(key, order.ordered_on))
    cut_off = months_before(as_of, MONTHS)
    return {key: day for key, day in last.items() if day < cut_off}


def scan(
    orders: Sequence[Order], as_of: date, customers: int, staff: Staff, figures: Figures,
    display: Display,
) -> None:  # fmt: skip
    """Start a scan as the administrator, and compare every warning with the input."""
    with display.task(f"churn scan as of {as_of}"):
        started = staff.admin.post(SCANS, {"as_of": as_of.isoformat()})
        path = f"{SCANS}/{started['id']}"

        wait_until("the churn scan is done", lambda: staff.admin.get(path)["state"] == "done")
        outcome = staff.admin.get(path)
    expected = due_for_warning(orders, as_of)
    seen = {
        name_key(warning["customer_name"]): date.fromisoformat(warning["last_order_on"])
        for warning in staff.executive.pages(WARNINGS, kind="inactive")
    }
    figures.compare("customers scanned", customers, outcome["customers_looked_at"])
    figures.compare("churn warnings opened", len(expected), outcome["warnings_opened"])
    figures.compare("churn warnings seen", len(expected), staff.executive.total(WARNINGS))
    wrong = sum(expected.get(key) != seen.get(key) for key in expected.keys() | seen.keys())
    figures.compare("churn warnings of the wrong customer or day", 0, wrong)


def act(due: int, plans: Plans, staff: Staff, figures: Figures, display: Display) -> Loss | None:
    """Let one manager reprieve a warning and in the end confirm the loss.

    This needs a manager with two warnings. There must be one if more customers are due for a
    warning than there are managers, or if the executive sees two warnings of the same manager.
    """
    found = _manager_with_two(plans, staff)
    opened = staff.executive.pages(WARNINGS, state="open")
    held = Counter(one["manager_id"] for one in opened if one["manager_id"])
    expected = due > len(staff.agents) or max(held.values(), default=0) > 1
    figures.compare("a manager with two churn warnings", expected, found is not None)
    if found is None:
        return None
    name, (first, second) = found
    manager, planned = staff.agents[name], _plan_of(first, plans)
    plan = planned if planned and planned.loss else USUAL
    assert plan.loss is not None
    reason = _body(plan.loss)
    with display.task(f"{name} acts on churn warnings"):
        _reprieve(manager, first, plan)
        refused = _refusal(manager, f"{WARNINGS}/{second['id']}/confirm", reason)
        figures.compare("confirming without a reprieve is refused", 409, refused)
        confirmed = manager.post(f"{WARNINGS}/{first['id']}/confirm", reason)
        again = _refusal(manager, f"{WARNINGS}/{first['id']}/confirm", reason)
        figures.compare("confirming twice is refused", 409, again)
    figures.compare("state of the confirmed warning", "confirmed", confirmed["state"])
    customer = staff.executive.get(f"/customer/customers/{first['customer_id']}")
    figures.compare("status of that customer", "lost", customer["status"])
    return Loss(first["customer_name"], name)


def act_on_others(plans: Plans, staff: Staff, display: Display) -> tuple[int, list[Loss]]:
    """Carry out the plans for warnings that are still open; returns how many are reprieved, and
    the losses."""
    opened = staff.executive.pages(WARNINGS, state="open") if plans else []
    planned = [(one, plan) for one in opened if (plan := _plan_of(one, plans))]
    managers = {person.id: name for name, person in staff.agents.items()}
    losses = []
    if planned:
        with display.task("measures taken on churn warnings", len(planned)) as report:
            for done, (warning, plan) in enumerate(planned, start=1):
                name = managers[warning["manager_id"]]
                _reprieve(staff.agents[name], warning, plan)
                if plan.loss:
                    path = f"{WARNINGS}/{warning['id']}/confirm"
                    staff.agents[name].post(path, _body(plan.loss))
                    losses.append(Loss(warning["customer_name"], name))
                report(done)
    return len(planned) - len(losses), losses


def compare_states(expected: Mapping[str, int], staff: Staff, figures: Figures) -> None:
    """Compare how many warnings are in each state; orders recover some a moment later."""
    for state in STATES:
        seen = wait_for(partial(staff.executive.total, WARNINGS, state=state), expected[state])
        figures.compare(f"churn warnings {state}", expected[state], seen)


def _reprieve(manager: Person, warning: dict[str, Any], plan: Plan) -> None:
    for measure in plan.measures:
        body = {"measure": measure.text}
        if measure.review_on:
            body["next_review_on"] = measure.review_on.isoformat()
        manager.post(f"{WARNINGS}/{warning['id']}/reprieves", body)


def _body(reason: Reason) -> dict[str, str]:
    return {"reason_code": reason.code, "reason": reason.text}


def _plan_of(warning: dict[str, Any], plans: Plans) -> Plan | None:
    return plans.get(name_key(warning["customer_name"]))


def _manager_with_two(
    plans: Plans, staff: Staff
) -> tuple[str, tuple[dict[str, Any], dict[str, Any]]] | None:
    """Return a manager and two of their warnings; if losses are planned, the first one is such."""
    found = []
    for name, manager in staff.agents.items():
        items = manager.get(WARNINGS, state="open", sort="customer_name", limit=50)["items"]
        items.sort(key=lambda one: not _is_to_be_lost(one, plans))
        if len(items) > 1:
            found.append((name, (items[0], items[1])))
    found.sort(key=lambda one: not _is_to_be_lost(one[1][0], plans))
    return next(iter(found), None)


def _is_to_be_lost(warning: dict[str, Any], plans: Plans) -> bool:
    plan = _plan_of(warning, plans)
    return plan is not None and plan.loss is not None


def _refusal(person: Person, path: str, body: Any) -> int:
    try:
        person.post(path, body)
    except Refused as refusal:
        return refusal.status
    raise DemoError(f"POST {path} should have been refused")
