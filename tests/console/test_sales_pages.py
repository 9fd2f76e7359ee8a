"""What the sales system sends is looked up: orders, products, stock, unlinked accounts."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.support.looks import axe
from tests.console.support.notices import saved
from tests.console.support.windows import OpenPage
from tests.support.records import a_customer
from tests.support.stack import RunningStack, Session, cloud_event, eventually
from tests.support.trade import orders_of, paid_order

PRODUCT, STOCK = "sales.product-changed.v1", "sales.stock-changed.v1"
PLACED = "sales.order-placed.v1"


@pytest.fixture
def director(site: RunningStack) -> Session:
    """Somebody who may see everything here."""
    return site.person("sales_director", department_id=site.department("Sales"))


def an_account(site: RunningStack, director: Session) -> tuple[str, str]:
    """Code and order of an account of which nothing else is known, so that no customer has it."""
    code, number = f"C-{uuid4().hex[:8]}", f"SO-{uuid4().hex[:8]}"
    site.publish_as_sales(paid_order(number, customer_code=code))
    eventually(
        lambda: director.get(f"/api/v1/customer/unlinked-accounts?code={code}")["items"],
        what="the account is known",
    )
    return code, number


def open_account(page: Page, code: str) -> Locator:
    """Open the form of the account."""
    page.get_by_role("row").filter(has_text=code).get_by_role("link").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(code)
    return dialog


def test_an_account_is_linked_to_a_customer(
    site: RunningStack, sign_in: OpenPage, director: Session
) -> None:
    code, number = an_account(site, director)
    customer = a_customer(director, f"宏达{code[-6:]}")
    page = sign_in(director, f"/unlinked-accounts?code={code}")
    dialog = open_account(page, code)
    axe(page)
    link = dialog.get_by_role("button", name="关联", exact=True)
    link.click()
    expect(dialog.get_by_text("此项必填")).to_be_visible()
    dialog.get_by_role("combobox", name="客户").fill(f"宏达{code[-6:]}")
    page.get_by_title(f"宏达{code[-6:]}").click()
    link.click()
    saved(page)
    expect(page.get_by_role("row").filter(has_text=code)).to_have_count(0)
    assert orders_of(director, customer) == [number]


def test_an_account_becomes_a_new_customer_in_english(
    site: RunningStack, sign_in: OpenPage, director: Session
) -> None:
    code, number = an_account(site, director)
    page = sign_in(director, f"/unlinked-accounts?code={code}", language="en")
    open_account(page, code)
    page.get_by_role("button", name="There is no such customer yet: create one").click()
    # Once the form is open, its first field has the focus.
    expect(page.get_by_label("Customer name")).to_be_focused()
    page.get_by_label("Customer name").fill(f"Hongda {code}")
    page.get_by_label("Region").fill("east")
    page.get_by_label("Level").click()
    page.get_by_title("Ordinary").click()
    page.get_by_label("Address").fill("1 Road")
    page.get_by_label("Phone").fill("1")
    page.get_by_role("button", name="Save", exact=True).click()
    saved(page)
    page.wait_for_url("**/customers/*")
    assert orders_of(director, page.url.split("/customers/")[1].split("?")[0]) == [number]


def test_orders_of_all_states_are_found(
    site: RunningStack, sign_in: OpenPage, director: Session
) -> None:
    customer = a_customer(director, f"叠翠{uuid4().hex[:6]}")
    path = f"/api/v1/customer/customers/{customer}"
    owner = {"customer_number": director.get(path)["number"]}
    paid, placed = f"SO-{uuid4().hex[:8]}", f"SO-{uuid4().hex[:8]}"
    _, event = paid_order(placed, status=1, customer_code=None, **owner)
    event = event.replace(b"sales.order-paid.v1", PLACED.encode())
    site.publish_as_sales(paid_order(paid, customer_code=None, **owner), (PLACED, event))
    both = f"{path}/orders?status=1,6"
    eventually(lambda: len(director.get(both)["items"]) == 2, what="both orders are known")
    page = sign_in(director, f"/orders?customer_id={customer}")
    expect(page.get_by_role("row").filter(has_text=paid)).to_contain_text("已回款")
    expect(page.get_by_role("row").filter(has_text=placed)).to_have_count(0)
    axe(page)
    page.goto(f"/orders?customer_id={customer}&status=1,2,3,4,5,6")
    expect(page.get_by_role("row").filter(has_text=placed)).to_contain_text("已下单")
    link = page.get_by_role("link", name=paid)
    expect(link).to_have_attribute("href", orders_tab(customer, director, paid))


def orders_tab(customer: str, reader: Session, number: str) -> str:
    """Where an order is shown: in the tab of its customer."""
    items = reader.get(f"/api/v1/customer/customers/{customer}/orders")["items"]
    (order,) = [item["id"] for item in items if item["order_no"] == number]
    return f"/customers/{customer}?tab=orders&order={order}"


def test_a_product_leads_to_its_stock(
    site: RunningStack, sign_in: OpenPage, director: Session
) -> None:
    code = f"P-{uuid4().hex[:8]}"
    product = {"code": code, "name": "打印纸", "price": "0.0125", "currency": "CNY"}
    stock = [
        {"product_code": code, "warehouse": place, "location": "A-03", "quantity": "1860.5"}
        for place in ("北京一号库", "苏州三号库")
    ]
    site.publish_as_sales(
        (PRODUCT, cloud_event(PRODUCT, product, subject=code)),
        *(
            (STOCK, cloud_event(STOCK, place, subject=f"{code}/{place['warehouse']}"))
            for place in stock
        ),
    )
    eventually(
        lambda: (
            director.get(f"/api/v1/customer/products?code={code}")["items"]
            and len(director.get(f"/api/v1/customer/stock?product_code={code}")["items"]) == 2
        ),
        what="the product and its stock are known",
    )
    page = sign_in(director, f"/catalogue/products?q={code}")
    row = page.get_by_role("row").filter(has_text=code)
    expect(row).to_contain_text("¥0.0125")
    axe(page)
    row.get_by_role("link").click()
    expect(page.get_by_role("region", name="打印纸")).to_contain_text("¥0.0125")
    expect(page.get_by_role("row").filter(has_text="苏州三号库")).to_contain_text("1,860.5")
    axe(page)
