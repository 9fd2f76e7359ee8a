"""Customers and their contacts in the browser: recorded, handed over, deleted, restored."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.support.looks import axe
from tests.console.support.notices import saved
from tests.console.support.team import OPPORTUNITIES, Team, new_team
from tests.console.support.watch import watch
from tests.console.support.windows import OpenPage
from tests.support.records import a_warning, an_order
from tests.support.stack import RunningStack, Session, eventually

CUSTOMERS = "/api/v1/customer/customers"


@pytest.fixture
def team(site: RunningStack) -> Team:
    """A director and an account manager."""
    return new_team(site)


def a_customer(manager: Session, name: str, **fields: Any) -> dict[str, Any]:
    """A customer of the manager's."""
    form = {
        "name": name,
        "region": "华东",
        "address": "示例路 8 号",
        "phone": "0512",
        "level": "partner",
    }
    # Departments and people come by event.
    made: dict[str, Any] = eventually(lambda: manager.post(CUSTOMERS, form | fields, 201))
    return made


def unique(name: str) -> str:
    """A name that no other test's customer has: the same twice is refused."""
    return f"{name}{uuid4().hex[:6]}"


def choose(page: Page, form: Locator, label: str, option: str) -> None:
    """Choose in a field with a list."""
    form.get_by_label(label).click()
    page.get_by_title(option, exact=True).click()


def save(form: Locator) -> None:
    """Press the button that saves."""
    form.get_by_role("button", name="保存", exact=True).click()


def rare(page: Page, action: str, *, menu: str = "更多操作") -> None:
    """Choose an action in the menu of the record."""
    page.get_by_role("button", name=menu).click()
    page.get_by_role("menuitem", name=action).click()


def test_a_customer_is_recorded_and_completed(sign_in: OpenPage, team: Team) -> None:
    name = unique("青屿包装")
    page = sign_in(team.manager, "/customers")
    page.get_by_role("main").get_by_role("button", name="新建客户").click()
    form = page.get_by_role("dialog")
    # An empty form is not sent, and says what is missing.
    save(form)
    expect(form.get_by_text("此项必填")).to_have_count(5)
    form.get_by_label("客户名称").fill(name)
    form.get_by_label("地区").fill("华东")
    choose(page, form, "客户等级", "大客户")
    for score in ("满意度", "信用度"):
        field = form.locator(".ant-form-item").filter(has_text=score)
        field.get_by_text("4", exact=True).click()
    form.get_by_label("地址").fill("苏州市示例路 88 号")
    form.get_by_label("电话").fill("0512-0000-3300")
    save(form)
    saved(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_text("资料不完整，缺少：联系人")).to_be_visible()

    page.get_by_role("button", name="编辑客户").first.click()
    form = page.get_by_role("dialog")
    form.get_by_label("网址").fill("www.example.com")
    form.get_by_label("开户银行").fill("示例银行苏州支行")
    # A required field cannot be emptied.
    form.get_by_label("电话").fill(" ")
    save(form)
    expect(form.get_by_text("此项必填")).to_have_count(1)
    form.get_by_label("电话").fill("0512-0000-3301")
    save(form)
    saved(page)
    link = page.get_by_role("link", name="www.example.com")
    expect(link).to_have_attribute("href", "https://www.example.com")
    expect(page.get_by_text("示例银行苏州支行")).to_be_visible()


def test_the_same_name_twice_is_asked_about(sign_in: OpenPage, team: Team) -> None:
    name = unique("石榴印务")
    known = a_customer(team.manager, name)
    page = sign_in(team.manager, "/customers?form=create_customer")
    watch(page).allow(409, CUSTOMERS)
    form = page.get_by_role("dialog")
    form.get_by_label("客户名称").fill(name)
    form.get_by_label("地区").fill("华东")
    choose(page, form, "客户等级", "普通客户")
    for score in ("满意度", "信用度"):
        field = form.locator(".ant-form-item").filter(has_text=score)
        field.get_by_text("3", exact=True).click()
    form.get_by_label("地址").fill("示例路 9 号")
    form.get_by_label("电话").fill("0512")
    save(form)
    expect(form.get_by_role("listitem").filter(has_text=known["number"])).to_contain_text("林予安")
    form.get_by_role("button", name="仍然保存").click()
    saved(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_the_people_at_a_customer(sign_in: OpenPage, team: Team) -> None:
    customer = a_customer(team.manager, unique("云岭茶业"))
    page = sign_in(team.manager, f"/customers/{customer['id']}?tab=contacts")
    for person, title in (("方晓禾", "采购经理"), ("邱岩", "设备主管")):
        page.get_by_role("button", name="新建联系人").click()
        form = page.get_by_role("dialog")
        if person == "方晓禾":
            save(form)
            expect(form.get_by_text("此项必填")).to_have_count(4)
        form.get_by_label("姓名").fill(person)
        choose(page, form, "性别", "女")
        form.get_by_label("职位").fill(title)
        form.get_by_label("办公电话").fill("0512-0000-3307")
        save(form)
        saved(page)
    table = page.get_by_role("main").get_by_role("table")
    table.get_by_role("link", name="邱岩").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name="设为主要联系人").click()
    saved(page)
    expect(table.get_by_role("row").filter(has_text="邱岩")).to_contain_text("主要联系人")
    drawer.get_by_role("button", name="编辑联系人").click()
    form = page.get_by_role("dialog", name="编辑联系人")
    form.get_by_label("手机").fill("138-0000-0142")
    save(form)
    saved(page)
    expect(drawer.get_by_role("link", name="138-0000-0142")).to_be_visible()
    expect(drawer.get_by_role("listitem").filter(has_text="手机")).to_contain_text("林予安")
    axe(page)
    drawer.get_by_role("button", name="删除联系人").click()
    page.get_by_role("dialog").last.get_by_role("button", name="删除联系人").click()
    saved(page)
    expect(table.get_by_role("link", name="邱岩")).to_have_count(0)
    # The last one stays; no button offers to delete it.
    table.get_by_role("link", name="方晓禾").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="编辑联系人")).to_be_visible()
    expect(page.get_by_role("button", name="删除联系人")).to_have_count(0)
    page.goto("/contacts")
    page.get_by_role("searchbox").fill("方晓禾")
    page.get_by_role("row").filter(has_text=customer["name"]).get_by_role("link").click()
    expect(page.get_by_role("dialog")).to_contain_text("采购经理")


def test_another_manager_gets_a_customer(sign_in: OpenPage, site: RunningStack, team: Team) -> None:
    customer, other = (
        a_customer(team.manager, unique("北岭冷链")),
        a_customer(team.manager, unique("松涛建材")),
    )
    successor = unique("顾行舟")
    department = team.manager.get("/api/v1/auth/me")["department_id"]
    site.person("account_manager", department_id=department, display_name=successor)
    page = sign_in(team.director, f"/customers/{customer['id']}")
    page.get_by_role("button", name="更换客户经理").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill(successor)
    page.get_by_title(successor).click()
    dialog.get_by_role("button", name="更换客户经理").click()
    saved(page)
    expect(page.get_by_role("complementary").get_by_text(successor)).to_be_visible()
    page.get_by_role("tab", name="变更记录").click()
    expect(page.locator(".k-main")).to_contain_text(successor)

    page.goto(f"/customers?q={other['name']}")
    page.get_by_role("row").filter(has_text=other["name"]).get_by_role("checkbox").check()
    page.get_by_role("toolbar", name="批量操作").get_by_role("button").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill(successor)
    page.get_by_title(successor).click()
    dialog.get_by_role("button", name="更换客户经理").click()
    expect(dialog.get_by_text("成功 1 条")).to_be_visible()
    dialog.get_by_role("button", name="关闭").last.click()
    expect(page.get_by_role("row").filter(has_text=other["name"])).to_contain_text(successor)


def test_a_deleted_customer_is_restored(sign_in: OpenPage, team: Team) -> None:
    name = unique("晴川仪器")
    path = f"{CUSTOMERS}/{a_customer(team.manager, name)['id']}"
    opportunity = {"customer_id": path.rpartition("/")[2], "success_rate": 40}
    opportunity |= {"summary": "年度采购", "description": "详谈"}
    eventually(lambda: team.manager.post(OPPORTUNITIES, opportunity, 201), what="customer known")
    page = sign_in(team.director, path.replace("/api/v1/customer", ""))
    watch(page).allow(409, path)
    rare(page, "删除客户")
    page.get_by_role("dialog").get_by_role("button", name="删除客户").click()
    # Work is open for it, so the question comes once more.
    again = page.get_by_role("dialog").filter(has_text="销售机会 1 个")
    again.get_by_role("button", name="删除客户").click()
    saved(page)
    page.get_by_role("tab", name="已删除").click()
    page.get_by_role("row").filter(has_text=name).get_by_role("button", name="恢复").click()
    page.get_by_role("dialog").get_by_role("button", name="恢复").click()
    saved(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_orders_codes_and_the_way_back_in_english(sign_in: OpenPage, site: RunningStack) -> None:
    team = new_team(site, "en")
    customer = a_customer(team.manager, unique("Harbour "))
    path = f"{CUSTOMERS}/{customer['id']}"
    an_order(site, team.manager, path)
    warning = a_warning(site, team.manager, customer["id"])["warning_id"]
    page = sign_in(team.director, f"/customers/{customer['id']}", language="en")
    expect(page.get_by_text(re.compile("Churn warning: no order for"))).to_be_visible()
    page.get_by_role("tab", name="Order history").click()
    page.get_by_role("table").get_by_role("link", name=re.compile("SO-")).click()
    drawer = page.get_by_role("dialog", name=re.compile("Order SO-"))
    expect(drawer.get_by_text("Paper")).to_be_visible()
    expect(drawer.get_by_text("CN¥300.00").last).to_be_visible()
    axe(page)
    drawer.get_by_role("button", name="Close").click()

    [code] = team.director.get(path)["sales_codes"]
    rare(page, "Remove sales code", menu="More actions")
    dialog = page.get_by_role("dialog", name="Remove sales code")
    dialog.get_by_role("combobox").click()
    page.get_by_title(code, exact=True).click()
    dialog.get_by_role("button", name="Remove sales code").click()
    saved(page)
    linked = page.get_by_role("complementary").get_by_text(code)
    expect(linked).to_have_count(0)
    rare(page, "Link sales code", menu="More actions")
    dialog = page.get_by_role("dialog", name="Link sales code")
    dialog.get_by_role("combobox").fill(code)
    page.locator(".ant-select-item-option").filter(has_text=code).click()
    dialog.get_by_role("button", name="Link sales code").click()
    saved(page)
    expect(linked).to_be_visible()

    lose(team.manager, warning)
    page.goto(f"/customers/{customer['id']}?tab=losses")
    expect(page.get_by_text("This customer is lost")).to_be_visible()
    expect(page.get_by_text("They closed.", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Edit customer")).to_have_count(0)
    page.get_by_role("button", name="Reactivate").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Reactivate").click()
    expect(dialog.get_by_text("This is required")).to_be_visible()
    dialog.get_by_role("textbox").fill("They opened again.")
    dialog.get_by_role("button", name="Reactivate").click()
    saved(page)
    expect(page.get_by_text("They opened again.", exact=True)).to_be_visible()
    expect(page.get_by_text("This customer is lost")).to_have_count(0)


def lose(manager: Session, warning: str) -> None:
    """Confirm that the customer of a warning is lost."""
    path = f"/api/v1/customer/churn-warnings/{warning}"
    manager.post(f"{path}/reprieves", {"measure": "We called."}, 201)
    manager.post(f"{path}/confirm", {"reason_code": "closed_down", "reason": "They closed."})
