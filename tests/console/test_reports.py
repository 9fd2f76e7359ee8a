"""The reports: charts above tables with the same figures, and the rows behind each figure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.support.looks import axe, no_sideways_overflow
from tests.console.support.windows import OpenPage
from tests.support.records import a_request, a_warning
from tests.support.stack import RunningStack, Session, eventually
from tests.support.trade import orders_of, paid_order

FORM = {"address": "1 Road", "phone": "1", "level": "partner"}


@dataclass(frozen=True)
class Trade:
    """What a team has sold, lost and done; the region is theirs alone."""

    director: Session
    region: str
    kept: dict[str, str]
    lost: dict[str, str]
    request: str
    opportunity: str


@pytest.fixture(scope="module")
def trade(site: RunningStack) -> Trade:
    """A customer with orders in two currencies and a request, a lost one, and an opportunity."""
    department = site.department("华东一部")
    manager = site.person("account_manager", department_id=department, display_name="林予安")
    director = site.person("sales_director", department_id=department, display_name="沈牧之")
    region = f"区{uuid4().hex[:6]}"
    kept, lost = (_customer(manager, f"{name}{region}", region) for name in ("留住", "流失"))
    _sell(site, manager, kept, "CNY", "1234.50")
    _sell(site, manager, kept, "USD", "80.00")
    _sell(site, manager, lost, "CNY", "300.00")
    _lose(site, manager, lost["id"])
    trade = Trade(
        director,
        region,
        kept,
        lost,
        a_request(director, manager, kept["id"]),
        _opportunity(director, manager, f"机会{region}"),
    )
    _wait_for_reports(trade)
    return trade


def _customer(manager: Session, name: str, region: str) -> dict[str, str]:
    form = FORM | {"name": name, "region": region}
    made: dict[str, str] = eventually(
        lambda: manager.post("/api/v1/customer/customers", form, 201), what=name
    )
    return made


def _sell(
    site: RunningStack, manager: Session, customer: dict[str, str], currency: str, total: str
) -> None:
    """An old paid order of the customer."""
    number = f"SO-{uuid4().hex[:8]}"
    lines = [{"product_code": "A4", "name": "Paper", "quantity": "1", "amount": total}]
    site.publish_as_sales(
        paid_order(
            number,
            customer_number=customer["number"],
            currency=currency,
            total=total,
            lines=lines,
        )
    )
    eventually(lambda: number in orders_of(manager, customer["id"]), what=number)


def _lose(site: RunningStack, manager: Session, customer: str) -> None:
    """Confirm the loss of a customer, after the measure that has to come first."""
    warning = f"/api/v1/customer/churn-warnings/{a_warning(site, manager, customer)['warning_id']}"
    manager.post(f"{warning}/reprieves", {"measure": "拜访客户"}, 201)
    manager.post(f"{warning}/confirm", {"reason_code": "closed_down", "reason": "停止经营"})


def _opportunity(director: Session, manager: Session, name: str) -> str:
    """An opportunity that has moved on to the second stage; returns its number."""
    form = {"customer_name": name, "success_rate": 40, "summary": "年度采购", "description": "详谈"}
    made = eventually(lambda: manager.post("/api/v1/marketing/opportunities", form, 201))
    path = f"/api/v1/marketing/opportunities/{made['id']}"
    body = {"assignee_id": manager.user["id"]}
    eventually(lambda: director.post(f"{path}/assign", body), what="assigned")
    manager.post(f"{path}/stage", {"stage": "needs_analysis"})
    return str(made["number"])


def _wait_for_reports(trade: Trade) -> None:
    """Reports follow by event."""
    kept, lost = trade.kept["id"], trade.lost["id"]
    _counted(trade, f"customer-contribution/rows?customer_id={kept}", 2)
    _counted(trade, f"customer-contribution/rows?customer_id={lost}", 1)
    _counted(trade, f"customer-composition/rows?region={trade.region}&status=lost", 1)
    _counted(trade, f"service-composition/rows?customer_id={kept}", 1)
    _counted(trade, f"customer-churn/rows?customer_id={lost}", 1)
    _counted(trade, f"customer-churn/warnings/rows?customer_id={kept}", 1)
    rows = "/api/v1/reporting/sales-funnel/rows?reached_stage=needs_analysis&limit=200"
    eventually(
        lambda: trade.opportunity in [row["number"] for row in trade.director.get(rows)["items"]],
        what=rows,
    )


def _counted(trade: Trade, rows: str, expected: int) -> None:
    eventually(
        lambda: trade.director.get(f"/api/v1/reporting/{rows}")["total"] == expected, what=rows
    )


def _open_rows(page: Page, figure: Locator) -> Locator:
    """Press a figure; returns the drawer with its rows."""
    figure.click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_be_visible()
    return drawer


def _close(page: Page) -> None:
    page.get_by_role("button", name="关闭明细").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def _row(page: Page, text: str) -> Locator:
    return page.get_by_role("row").filter(has_text=text)


def test_contribution_is_shown_per_currency(sign_in: OpenPage, trade: Trade) -> None:
    name = trade.kept["name"]
    page = sign_in(trade.director, f"/reports/customer-contribution?customer_name={trade.region}")
    expect(
        page.get_by_role("img", name=re.compile(rf"金额（人民币）.*{name} ¥1,235"))
    ).to_be_visible()
    expect(page.get_by_text("合计（美元）")).to_be_visible()
    expect(page.get_by_role("link", name="US$80.00")).to_be_visible()

    page.get_by_role("radiogroup", name="币种").get_by_text("USD").click()
    expect(page).to_have_url(re.compile(r"currency=USD"))
    expect(
        page.get_by_role("img", name=re.compile(rf"金额（美元）.*{name} US\$80"))
    ).to_be_visible()
    expect(page.get_by_role("link", name="¥1,234.50")).to_have_count(0)

    drawer = _open_rows(page, page.get_by_role("link", name="US$80.00"))
    expect(drawer).to_contain_text(f"明细 – 客户 {name} – 币种 USD")
    expect(drawer.get_by_role("link", name=name)).to_have_attribute(
        "href", f"/customers/{trade.kept['id']}"
    )
    expect(drawer).not_to_contain_text("¥")
    with page.expect_download() as download:
        drawer.get_by_role("button", name="导出").click()
        page.get_by_role("menuitem", name="CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    page.go_back()
    expect(drawer).to_have_count(0)

    page.get_by_role("button", name="利润").click()
    expect(page).to_have_url(re.compile(r"sort=-profit"))
    expect(page.get_by_role("columnheader", name="利润")).to_have_attribute(
        "aria-sort", "descending"
    )


def test_a_bar_and_its_number_open_the_same_customers(sign_in: OpenPage, trade: Trade) -> None:
    page = sign_in(trade.director, "/reports/customer-composition")
    page.get_by_role("radiogroup", name="计数依据").get_by_text("地区").click()
    expect(page).to_have_url(re.compile(r"by=region"))
    chart = page.get_by_role("img", name=re.compile("各地区的客户数"))

    drawer = _open_rows(page, chart.locator("text").filter(has_text=trade.region))
    expect(drawer).to_contain_text(f"明细 – 地区 {trade.region}")
    expect(drawer.get_by_role("link", name=trade.kept["name"])).to_be_visible()
    # A lost customer is counted only if its status is asked for.
    expect(drawer.get_by_text(trade.lost["name"])).to_have_count(0)
    _close(page)

    number = _row(page, trade.region).get_by_role("link")
    expect(number).to_have_text("1")
    number.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text(trade.kept["name"])
    # A pointer waits for the drawer to stop; closed before that, it does not return the focus.
    page.get_by_role("button", name="关闭明细").hover()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(number).to_be_focused()

    page.get_by_role("button", name="筛选").click()
    page.get_by_role("menuitem", name="状态").click()
    page.get_by_role("checkbox", name="流失").check()
    expect(page).to_have_url(re.compile(r"status=lost"))
    drawer = _open_rows(page, _row(page, trade.region).get_by_role("link"))
    expect(drawer.get_by_role("link", name=trade.lost["name"])).to_be_visible()


def test_losses_and_warnings_open_their_customers(sign_in: OpenPage, trade: Trade) -> None:
    page = sign_in(trade.director, f"/reports/customer-churn?customer_name={trade.region}")
    expect(page.get_by_role("img", name="流失原因: 停业 流失数 1")).to_be_visible()
    expect(page.get_by_role("img", name="流失客户的客户经理: 林予安 流失数 1")).to_be_visible()
    drawer = _open_rows(page, _row(page, "停业").get_by_role("link"))
    expect(drawer).to_contain_text("明细 – 原因代码 停业")
    expect(drawer).to_contain_text("停止经营")
    expect(drawer.get_by_role("link", name=trade.lost["name"])).to_be_visible()
    _close(page)
    drawer = _open_rows(page, _row(page, "待处理").get_by_role("link"))
    expect(drawer.get_by_role("link", name=trade.kept["name"])).to_be_visible()
    expect(drawer).to_contain_text("长期未下单")


def test_a_bar_of_the_funnel_opens_all_who_came_that_far(sign_in: OpenPage, trade: Trade) -> None:
    page = sign_in(trade.director, "/reports/sales-funnel?from=2020-01-01")
    bars = page.get_by_role("list").filter(has_text="进入下一阶段")
    first = bars.get_by_role("listitem").filter(has_text="资质审查")
    drawer = _open_rows(page, first.get_by_role("link"))
    # It was in the first stage, and is in the second now.
    expect(drawer).to_contain_text("明细 – 曾到达的阶段 资质审查")
    expect(drawer.get_by_role("link", name=trade.opportunity)).to_be_visible()
    _close(page)
    drawer = _open_rows(page, _row(page, "需求分析").get_by_role("link"))
    expect(drawer.get_by_role("link", name=trade.opportunity)).to_be_visible()


def test_requests_by_type_in_english(sign_in: OpenPage, trade: Trade) -> None:
    page = sign_in(trade.director, "/reports/service-composition", language="en")
    expect(page.get_by_role("img", name=re.compile("Service requests by type:.*Complaint")))
    page.get_by_role("button", name="Period All time").click()
    page.get_by_role("button", name="Last year").click()
    expect(page).to_have_url(re.compile(r"year=\d{4}"))
    expect(
        page.get_by_text("There is nothing in this period and with these filters")
    ).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(page).to_have_url(re.compile(r"service-composition$"))
    drawer = _open_rows(page, _row(page, "Complaint").get_by_role("link").first)
    expect(drawer).to_contain_text("Rows – Type Complaint")
    expect(drawer.locator(f"a[href='/requests/{trade.request}']")).to_be_visible()


@pytest.mark.parametrize("look", [{}, {"dark": True}, {"phone": True}], ids=str)
def test_charts_and_rows_are_for_everybody(
    sign_in: OpenPage, trade: Trade, look: dict[str, bool]
) -> None:
    page = sign_in(trade.director, "/reports/sales-funnel?rows=all", **look)
    expect(page.get_by_role("dialog").get_by_text(trade.opportunity)).to_be_visible()
    axe(page)
    no_sideways_overflow(page)
    for report in ("customer-contribution", "customer-churn"):
        page.goto(f"/reports/{report}?customer_name={trade.region}")
        expect(page.get_by_role("img", name=re.compile("流失|金额")).first).to_be_visible()
        axe(page)
        no_sideways_overflow(page)
