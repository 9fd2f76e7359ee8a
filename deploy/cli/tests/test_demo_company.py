"""The company of the demonstration: complete, in order, and written by people."""

from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from kehu_cli.demo import our_company
from kehu_cli.demo.accounts import ENTERED, SOLD, WON
from kehu_cli.demo.book import name_key
from kehu_cli.demo.churn import due_for_warning
from kehu_cli.demo.our_company import OPEN_STAGES, OurCompany, working_day
from kehu_cli.demo.sales_events import SalesEvents
from kehu_cli.demo.service import STATUSES
from kehu_cli.stack.state import DEFAULT_TIMEZONE

TODAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def own() -> OurCompany:
    return our_company.read(TODAY, "CNY")


def test_it_is_the_same_at_every_run(own: OurCompany) -> None:
    assert own == our_company.read(TODAY, "CNY")


@pytest.mark.parametrize("offset", range(0, 400, 13))
def test_it_is_in_order_on_every_day(offset: int) -> None:
    today = TODAY + timedelta(days=offset)
    own = our_company.read(today, "CNY")
    steps = [step for deal in own.book.deals for step in deal.steps]
    assert all(step.on < today for step in steps if step.result)
    pending = [step.on for step in steps if not step.result]
    assert min(pending) < today and today in pending
    assert any(today < day <= today + timedelta(days=7) for day in pending)
    assert max(order.ordered_on for order in own.orders) <= today


def test_every_stage_and_both_currencies_occur(own: OurCompany) -> None:
    deals = own.book.deals
    assert {deal.reached for deal in deals if deal.stage == "Engaging"} == {*OPEN_STAGES}
    found = Counter(deal.stage for deal in deals)
    assert min(found[stage] for stage in ("Prospecting", "Engaging", "Won", "Lost", "Voided")) > 2
    assert {deal.currency for deal in deals} == {"CNY", "USD"}
    assert {order.currency for order in own.orders} == {"CNY", "USD"}
    assert {order.status for order in own.orders} == {1, 2, 3, 4, 5, 6}
    assert any(deal.reason and deal.reason.competitor for deal in deals)


def test_closing_leaves_no_step_undone(own: OurCompany) -> None:
    closed = [deal for deal in own.book.deals if deal.stage in ("Won", "Lost")]
    assert all(step.result for deal in closed for step in deal.steps)
    assert all(deal.reason for deal in closed if deal.stage == "Lost")


def test_several_people_win_the_same_company(own: OurCompany) -> None:
    by_company: dict[str, set[str]] = {}
    for deal in own.book.won:
        by_company.setdefault(name_key(deal.company), set()).add(deal.agent)
    assert max(len(agents) for agents in by_company.values()) > 1


def test_every_customer_comes_from_where_the_file_says(own: OurCompany) -> None:
    of = {origin: {one.key for one in own.company.accounts if one.origin == origin}
          for origin in (ENTERED, WON, SOLD)}  # fmt: skip
    won = own.book.companies().keys()
    assert won >= of[WON] and won <= of[WON] | of[ENTERED]
    buyers = {name_key(order.customer) for order in own.orders}
    assert buyers == of[ENTERED] | of[WON] | of[SOLD]
    assert 60 <= sum(map(len, of.values())) <= 120


def test_everybody_who_acts_works_there(own: OurCompany) -> None:
    crew = own.book.crew
    agents, names = {post.name for post in crew.agents}, {post.name for post in crew.posts}
    managers = {one.manager for one in own.company.accounts if one.origin != SOLD}
    assert managers | {deal.agent for deal in own.book.deals} == agents
    requests = own.company.requests
    assert {one.by for one in requests} | {one.to for one in requests if one.to} <= names
    assert {post.director for post in crew.agents} == {
        one.name for one in crew.of("sales_director")
    }
    assert {post.role for post in crew.posts} == own.company.sights.keys()


def test_requests_are_left_in_every_state(own: OurCompany) -> None:
    requests = own.company.requests
    customers = {one.key for one in own.company.accounts if one.origin != SOLD}
    assert {name_key(one.customer) for one in requests} <= customers
    assert {one.status for one in requests} == {*STATUSES}
    kinds = {"consultation", "suggestion", "complaint", "after_sales", "other"}
    assert {one.kind for one in requests} == kinds
    waiting = [one for one in requests if one.status == "assigned" and one.rounds]
    assert waiting, "one is to be handled again"


def test_warnings_end_in_every_way(own: OurCompany) -> None:
    due = due_for_warning(own.orders, TODAY).keys()
    plans = own.company.plans
    back = {name_key(order.customer) for order in own.company.late_orders}
    assert plans.keys() | back < due and not plans.keys() & back
    assert {bool(plan.loss) for plan in plans.values()} == {True, False}
    managers = {one.key: one.manager for one in own.company.accounts}
    assert max(Counter(managers[key] for key in due if managers[key]).values()) > 1
    assert any(not managers[key] for key in due)


def test_no_sentence_is_repeated(own: OurCompany) -> None:
    deals, requests = own.book.deals, own.company.requests
    texts = [text for deal in deals for text in (deal.summary, deal.description)]
    texts += [step.content for deal in deals for step in deal.steps]
    texts += [step.result for deal in deals for step in deal.steps if step.result]
    texts += [text for one in requests for text in (one.summary, one.description)]
    assert [text for text, times in Counter(texts).items() if times > 1] == []


def test_every_event_of_the_sales_system_conforms_to_its_contract(own: OurCompany) -> None:
    events = SalesEvents(ZoneInfo(DEFAULT_TIMEZONE))
    published = [message for order in own.orders for message in events.lifecycle(order)]
    published += [*map(events.product, own.company.products), *map(events.stock, own.company.stock)]
    assert len({message.message_id for message in published}) == len(published)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(0, date(2026, 11, 28)), (1, date(2026, 11, 30)), (-6, date(2026, 11, 20))],
)
def test_a_weekend_is_moved_away_from_today(offset: int, expected: date) -> None:
    saturday = date(2026, 11, 28)
    assert working_day(saturday, offset) == expected
