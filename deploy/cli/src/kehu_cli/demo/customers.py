"""Checks that each company became exactly one customer."""

from collections import Counter, defaultdict
from typing import Any

from kehu_cli.demo.book import name_key
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.people import Staff
from kehu_cli.demo.waiting import in_parallel, post_when_known, wait_for

CUSTOMERS = "/customer/customers"


def wait_for_customers(
    expected: dict[str, str], staff: Staff, figures: Figures, display: Display, what: str
) -> dict[str, dict[str, Any]]:
    """Wait until the expected companies are customers; return them by normalised name."""
    with display.task(what, len(expected)) as report:
        wait_for(
            lambda: staff.executive.total(CUSTOMERS),
            len(expected),
            report=report,
        )
    customers = staff.executive.pages(CUSTOMERS)
    times = Counter(name_key(customer["name"]) for customer in customers)
    figures.compare(what, len(expected), len(customers))
    missing = len(expected.keys() - times.keys())
    figures.compare("companies without customer", 0, missing)
    figures.compare("companies that are several customers", 0, sum(n > 1 for n in times.values()))
    return {name_key(customer["name"]): customer for customer in customers}


def compare_origins(won: list[dict[str, Any]], figures: Figures) -> None:
    """Check that the won opportunities of each company all lead to one customer."""
    led_to: dict[str, set[str]] = defaultdict(set)
    for opportunity in won:
        led_to[name_key(opportunity["customer_name"])].add(opportunity["customer_id"])
    several = sum(len(customers) > 1 for customers in led_to.values())
    figures.compare("companies whose opportunities lead to several customers", 0, several)


def assign_managers(
    customers: dict[str, dict[str, Any]], staff: Staff, display: Display, *, workers: int
) -> None:
    """As the directors, assign every customer without a manager to an account manager."""
    unmanaged = [c for _, c in sorted(customers.items()) if c["manager_id"] is None]
    agents = list(staff.agents)
    turns = [(customer, agents[n % len(agents)]) for n, customer in enumerate(unmanaged)]

    def assign(turn: tuple[dict[str, Any], str]) -> None:
        customer, agent = turn
        body = {"manager_id": staff.agents[agent].id}
        path = f"{CUSTOMERS}/{customer['id']}/reassign"
        post_when_known(staff.director_of(agent), path, body)

    if turns:
        with display.task("customers assigned to an account manager", len(turns)) as report:
            in_parallel(assign, turns, workers=workers, report=report)
