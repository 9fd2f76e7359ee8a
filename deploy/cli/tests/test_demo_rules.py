"""The demonstration's own rules: generated input, expectations, events, figures."""

import json
import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from kehu_chassis.messaging.contracts import Contracts
from kehu_chassis.messaging.events import decode
from kehu_cli.catalogue import CONTRACTS, ROOT
from kehu_cli.demo.book import (
    CANCELLED,
    PAID,
    PLACED,
    SHIPPED,
    WON,
    Book,
    Crew,
    Deal,
    Order,
    Post,
)
from kehu_cli.demo.churn import act, due_for_warning, months_before
from kehu_cli.demo.client import DemoError
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.generator import buyers_of, orders_of
from kehu_cli.demo.logins import show
from kehu_cli.demo.orders_file import read_orders
from kehu_cli.demo.people import Staff, new_password, username
from kehu_cli.demo.pipeline import form_of, passed
from kehu_cli.demo.sales_events import SalesEvents, amounts
from kehu_cli.demo.sales_system import check_connection
from kehu_cli.demo.target import Target
from kehu_cli.stack.rabbitmq import amqp_url
from tests.support.servers import Broker

DATA = ROOT.parent / "shared" / "data"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def order(customer: str, day: date, *, status: int = PAID, number: str = "1") -> Order:
    return Order(number, customer, customer, day, "CD", Decimal(1), Decimal("9.99"), "USD", status)


def deal(company: str, agent: str, closed_on: date) -> Deal:
    return Deal(
        key=f"{company} {closed_on}", agent=agent, company=company, stage=WON, product="CD",
        currency="USD", summary="CDs", description="Many CDs", source="file", closed_on=closed_on,
        value=Decimal(10), expected_amount=Decimal("4.50"),
    )  # fmt: skip


@pytest.fixture
def book() -> Book:
    """A pipeline of which a file tells little."""
    wins = [deal(f"Company {n}", "Ann", date(2024, 1 + n, 3)) for n in range(4)]
    return Book(Crew(()), (*wins, deal("Company 0", "Bob", date(2024, 12, 30))))


def test_generated_orders_are_reproducible_and_have_every_state(book: Book) -> None:
    buyers, end = buyers_of(book)
    assert end == date(2024, 12, 30)
    orders = orders_of(buyers, end)
    assert orders == orders_of(buyers, end)
    assert len({one.number for one in orders}) == len(orders)
    assert {one.ordered_on for one in orders if one.customer == "Company 0"} >= {end}
    assert {PLACED, CANCELLED, SHIPPED, PAID} <= {one.status for one in orders}
    # Every second one stopped ordering half a year before the end.
    warned = due_for_warning(orders, end)
    assert warned.keys() == {"company 1", "company 3"}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(1998, 6, 30), date(1997, 12, 30)),
        (date(2024, 8, 31), date(2024, 2, 29)),
        (date(2025, 8, 31), date(2025, 2, 28)),
        (date(2025, 6, 1), date(2024, 12, 1)),
    ],
)
def test_months_before_stops_at_the_end_of_a_short_month(day: date, expected: date) -> None:
    assert months_before(day, 6) == expected


def test_customers_without_an_order_since_the_cut_off_are_due_for_a_warning() -> None:
    as_of = date(2025, 12, 31)
    orders = [
        order("on the cut-off", date(2025, 6, 30)),
        order("one day before it", date(2025, 6, 29)),
        order("cancelled since", date(2025, 1, 1)),
        order("cancelled since", date(2025, 9, 1), status=CANCELLED),
        order("only later", date(2026, 1, 1)),
        order("only cancelled", date(2025, 1, 1), status=CANCELLED),
    ]
    assert due_for_warning(orders, as_of) == {
        "one day before it": date(2025, 6, 29),
        "cancelled since": date(2025, 1, 1),
    }


class _Reader:
    """A user who sees these warnings, in place of a signed-in person."""

    def __init__(self, *warnings: dict[str, str]) -> None:
        self._warnings = [{"customer_name": "Acme", **warning} for warning in warnings]

    def get(self, _path: str, **_query: Any) -> dict[str, Any]:
        return {"items": self._warnings}

    def pages(self, _path: str, **_query: Any) -> list[dict[str, str]]:
        return self._warnings


@pytest.mark.parametrize(
    ("due", "opened", "agrees"),
    [(3, [], False), (2, ["a", "a"], False), (2, ["a", "b"], True), (0, [], True)],
)
def test_a_missing_manager_with_two_warnings_is_a_wrong_figure(
    due: int, opened: list[str], agrees: bool
) -> None:
    staff: Any = SimpleNamespace(
        agents={"A": _Reader(), "B": _Reader()},
        executive=_Reader(*({"manager_id": manager} for manager in opened)),
    )
    figures, display = Figures(), cast(Any, None)
    assert act(due, {}, staff, figures, display) is None
    assert (not figures.wrong) == agrees


@pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not beside this checkout")
def test_churn_of_the_public_orders_matches_the_published_figure() -> None:
    orders = read_orders(DATA / "cdnow" / "cdnow_sample.csv").orders
    assert len(due_for_warning(orders, date(1998, 6, 30))) == 1840


def test_an_opportunity_names_a_known_customer_by_its_id() -> None:
    one = deal("Acme", "Ann", date(2024, 1, 3))
    form = form_of(one, "7", 10)
    assert (form["customer_id"], form["success_rate"]) == ("7", 10)
    assert "customer_name" not in form
    assert form_of(one, None, 10)["customer_name"] == "Acme"


@pytest.mark.parametrize(
    ("stage", "reached", "moves"),
    [("Won", None, ["b", "c"]), ("Lost", "b", ["b"]), ("Engaging", None, []), ("Lost", "a", [])],
)
def test_a_deal_passes_the_stages_up_to_the_last_one_that_it_reached(
    stage: str, reached: str | None, moves: list[str]
) -> None:
    one = replace(deal("Acme", "Ann", date(2024, 1, 3)), stage=stage, reached=reached)
    assert [at["code"] for at in passed(one, [{"code": code} for code in "abc"])] == moves


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "https://crm.example"])
def test_passwords_are_shown_for_a_kehu_on_this_machine_only(url: str) -> None:
    person = SimpleNamespace(username="ann", password="secret-1234")
    staff = Staff(cast(Any, None), Crew((Post("Ann", "executive"),)), {"Ann": cast(Any, person)})
    console = Console(record=True, width=200)
    show(staff, {}, Target(url, "", "", "", SHANGHAI), console)
    assert ("secret-1234" in console.export_text()) == ("127.0.0.1" in url)


def test_passwords_are_random_and_can_be_typed() -> None:
    assert re.fullmatch(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", new_password())
    assert new_password() != new_password()


def test_a_purchase_becomes_one_paid_order_at_midnight() -> None:
    message = SalesEvents(SHANGHAI).paid(
        order("00004", date(1997, 1, 1), number="00004-19970101-1")
    )
    event = decode(message.body, Contracts(CONTRACTS))
    assert message.routing_key == "sales.order-paid.v1"
    assert (event.source, event.version, event.subject) == ("/sales", 1, "00004-19970101-1")
    assert event.data["ordered_at"] == "1997-01-01T00:00:00+08:00"
    assert event.data["status"] == 6
    assert event.data["lines"][0]["product_code"] == "CD"
    assert event.data["total"] == "9.99"


@pytest.mark.parametrize("day", [date(1901, 1, 1), date(2199, 12, 31)])
@pytest.mark.parametrize("quantity", ["0.000001", "1.0000000", "1000"])
@pytest.mark.parametrize("timezone", ["Asia/Shanghai", "Europe/Paris", "Pacific/Kiritimati"])
def test_every_order_of_a_file_conforms_to_its_contract(
    tmp_path: Path, day: date, quantity: str, timezone: str
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(f"customer_id,date,quantity,amount_usd\n1,{day},{quantity},999999999999.99\n")
    (one,) = read_orders(path).orders
    message = SalesEvents(ZoneInfo(timezone)).paid(one)
    moment = datetime.fromisoformat(decode(message.body, Contracts(CONTRACTS)).data["ordered_at"])
    assert moment.astimezone(ZoneInfo(timezone)).date() == day


def test_an_order_that_violates_its_contract_is_reported() -> None:
    long = Order("7", "A", "A", date(2025, 1, 1), "x" * 101, Decimal(1), Decimal(1), "USD")
    with pytest.raises(DemoError, match="cannot publish 7: .*product_code"):
        SalesEvents(SHANGHAI).paid(long)


@pytest.mark.parametrize("address", ["127.0.0.1:5672", "http://127.0.0.1", "amqp://sales@here/"])
def test_a_malformed_amqp_address_is_reported_at_once(address: str) -> None:
    with pytest.raises(DemoError, match="must have the form amqp://login:password@host"):
        check_connection(address)


@pytest.mark.parametrize("address", ["amqp://127.0.0.1:1/%2F", "amqp://nowhere.invalid:x/%2F"])
def test_an_unreachable_broker_is_reported_at_once(address: str) -> None:
    with pytest.raises(DemoError, match="the sales system cannot connect to the broker"):
        check_connection(address)


def test_a_rejected_login_is_reported_at_once(broker: Broker) -> None:
    check_connection(broker.url_for("sales"))
    with pytest.raises(DemoError, match="the sales system cannot connect to the broker"):
        check_connection(amqp_url("sales", "wrong", broker.port))


def test_an_order_has_events_from_placed_to_its_final_state() -> None:
    events = SalesEvents(SHANGHAI)
    published = events.lifecycle(order("K1", date(2025, 1, 1), status=PAID))
    assert [message.routing_key for message in published] == [
        "sales.order-placed.v1",
        "sales.order-shipped.v1",
        "sales.order-paid.v1",
    ]
    assert [json.loads(message.body)["aggregateversion"] for message in published] == [1, 2, 3]
    assert len({message.position for message in published}) == 3


def test_an_event_keeps_its_id_unless_it_is_repeated_as_new() -> None:
    paid = SalesEvents(SHANGHAI).paid(order("1", date(2025, 1, 1)))
    events = SalesEvents(SHANGHAI)
    assert events.paid(order("1", date(2025, 1, 1))).message_id == paid.message_id
    assert events.repeat(paid, as_new=False).message_id == paid.message_id
    assert events.repeat(paid, as_new=True).message_id != paid.message_id


def test_each_customer_is_published_once() -> None:
    orders = [order("1", date(2025, 1, 1)), order("2", date(2025, 1, 1)), order("1", date.max)]
    assert len(list(SalesEvents(SHANGHAI).customers(orders))) == 2
    assert amounts(orders) == {"USD": Decimal("29.97")}


def test_usernames_are_plain_and_unique() -> None:
    taken: set[str] = set()
    names = ["Mei-Mei Johns", "Mei Mei Johns", "陈静", "Admin"]
    assert [username(name, taken) for name in names] == [
        "mei.mei.johns",
        "mei.mei.johns2",
        "person",
        "admin2",
    ]


def test_a_figure_that_disagrees_is_reported() -> None:
    figures = Figures()
    figures.compare("customers", 12, 12)
    figures.note("requests", 400)
    figures.compare_all("amount", {"USD": Decimal("1.00")}, {"EUR": Decimal(2)})
    assert [figure.name for figure in figures.wrong] == ["amount: EUR", "amount: USD"]
