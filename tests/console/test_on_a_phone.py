"""The daily acts of an account manager and of an agent on a phone, by taps alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.support.looks import fits_fingers
from tests.console.support.notices import saved
from tests.console.support.team import OPPORTUNITIES, Team, new_team
from tests.console.support.windows import OpenPage
from tests.support.records import CONTACT, a_warning, an_order
from tests.support.stack import RunningStack, eventually

TODAY = datetime.now(UTC).date()
CUSTOMERS = "/api/v1/customer/customers"
REQUESTS = "/api/v1/service-desk/requests"


@pytest.fixture
def team(site: RunningStack) -> Team:
    """A director and an account manager."""
    return new_team(site)


def recorded(team: Team, name: str) -> str:
    """A customer of the manager's, whose number one can call; returns the id."""
    form = {"name": name, "region": "华东", "address": "示例路 8 号", "phone": "0512-0000-3300"}
    body = form | {"level": "partner"}
    return str(eventually(lambda: team.manager.post(CUSTOMERS, body, 201))["id"])


def write(field: Locator, words: str) -> None:
    """Tap a field and type."""
    field.tap()
    field.page.keyboard.insert_text(words)


def choose(page: Page, field: Locator, option: str) -> None:
    """Tap a field with a list, and the option."""
    field.tap()
    page.locator(".ant-select-item-option:visible").filter(has_text=option).first.tap()


def arrived(page: Page, title: str) -> None:
    """Wait for a page, and look whether fingers can use it."""
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    page.wait_for_load_state("networkidle")
    fits_fingers(page)


def find(page: Page, words: str, kind: str) -> None:
    """Search, and tap what is found of a kind."""
    page.get_by_role("button", name="搜索或跳转").tap()
    write(page.get_by_role("combobox", name="搜索或跳转"), words)
    hit = page.get_by_role("option").filter(has_text=words).filter(has_text=kind)
    expect(hit).to_be_visible()
    fits_fingers(page)
    hit.tap()


def bar(page: Page) -> Locator:
    """What may be done with a record: below it, in the place of the main pages."""
    buttons = page.get_by_role("toolbar", name="操作").last
    expect(page.get_by_role("navigation", name="主要页面")).to_be_hidden()
    box, size = buttons.bounding_box(), page.viewport_size
    assert box and size
    assert size["height"] - 16 < box["y"] + box["height"] <= size["height"]
    assert box["height"] < 60, "the buttons need more than one row"
    return buttons


def test_an_account_managers_day(sign_in: OpenPage, site: RunningStack, team: Team) -> None:
    row = team.opportunity("青屿包装材料有限公司", assigned=True, contact_phone="0512-0000-3307")
    path = f"{OPPORTUNITIES}/{row['id']}"
    # In the past in every time zone.
    day = str(TODAY - timedelta(2))
    team.manager.post(f"{path}/plan-items", {"date": day, "content": "寄送第二批样袋"}, 201)
    page = sign_in(team.manager, "/", phone=True)
    arrived(page, "工作台")
    item = page.locator("[data-plan-item]")
    item.get_by_role("button", name="填写执行效果").tap()
    write(item.get_by_label("执行效果"), "样袋检测通过")
    fits_fingers(page)
    item.get_by_role("button", name="保存", exact=True).tap()
    saved(page)
    expect(page.get_by_text("没有到期的计划项。")).to_be_visible()

    page.get_by_role("navigation", name="主要页面").get_by_role("link", name="销售机会").tap()
    arrived(page, "销售机会")
    page.get_by_role("main").get_by_role("link", name="青屿包装材料有限公司").tap()
    arrived(page, "青屿包装材料有限公司")
    phone = page.get_by_role("link", name="0512-0000-3307")
    expect(phone).to_have_attribute("href", "tel:0512-0000-3307")
    bar(page).get_by_role("button", name="更新进展").tap()
    form = page.get_by_role("dialog", name="更新进展")
    form.get_by_label("成功机率").tap()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("75")
    fits_fingers(page)
    form.get_by_role("button", name="保存", exact=True).tap()
    saved(page)
    # The present stage stands for all of them; choosing another one moves there.
    stages = page.get_by_role("region", name="阶段")
    expect(stages).to_contain_text("1 / 6")
    choose(page, stages.get_by_role("combobox"), "需求分析")
    saved(page)
    expect(stages).to_contain_text("2 / 6")
    bar(page).get_by_role("button", name="更多操作").tap()
    expect(page.get_by_role("menuitem", name="开发失败")).to_be_visible()
    fits_fingers(page)
    now = team.read(row)
    assert (now["success_rate"], now["stage"]) == (75, "needs_analysis")


def test_a_customer_at_risk(sign_in: OpenPage, site: RunningStack, team: Team) -> None:
    name = f"海棠食品机械{uuid4().hex[:6]}"
    customer = recorded(team, name)
    path = f"{CUSTOMERS}/{customer}"
    contact = CONTACT | {"name": "方晓禾", "mobile": "138-0000-0142"}
    team.manager.post(f"{path}/contacts", contact, 201)
    an_order(site, team.manager, path)
    a_warning(site, team.manager, customer)
    page = sign_in(team.manager, "/", phone=True)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    find(page, name, "客户")
    arrived(page, name)
    call = page.get_by_role("link", name="138-0000-0142")
    expect(call).to_have_attribute("href", "tel:138-0000-0142")
    expect(bar(page).get_by_role("button", name="编辑客户")).to_be_visible()
    page.get_by_role("button", name="查看预警").tap()
    arrived(page, name)
    measure = page.get_by_role("region", name="暂缓流失")
    write(measure.get_by_label("暂缓措施"), "电话联系采购主管")
    measure.get_by_role("button", name="暂缓流失").tap()
    saved(page)
    expect(page.locator("[data-reprieve]")).to_contain_text("电话联系采购主管")
    arrived(page, name)


def test_an_agents_day(sign_in: OpenPage, site: RunningStack, team: Team) -> None:
    name = f"松涛建材{uuid4().hex[:6]}"
    customer = recorded(team, name)
    agent = site.person("service_agent", display_name=f"秦若水{uuid4().hex[:4]}", locale="zh")
    assign(team, agent.user["id"], customer)
    page = sign_in(agent, "/", phone=True)
    arrived(page, "工作台")
    page.get_by_role("link", name="通知，1 条未读").tap()
    arrived(page, "通知")
    page.get_by_role("main").get_by_role("link", name="索取材质报告").tap()
    arrived(page, "索取材质报告")
    expect(page.get_by_role("link", name="通知，0 条未读")).to_be_visible()

    page.get_by_role("button", name="菜单").tap()
    page.get_by_role("dialog").get_by_role("link", name="服务请求").tap()
    arrived(page, "服务请求")
    page.get_by_role("button", name="新建服务请求").tap()
    form = page.get_by_role("dialog", name="新建服务请求")
    choose(page, form.get_by_label("类型"), "投诉")
    write(form.get_by_label("概要"), "到货短少 12 箱")
    write(form.get_by_label("客户"), name)
    page.locator(".ant-select-item-option:visible").filter(has_text=name).tap()
    write(form.get_by_role("textbox", name="服务请求"), "应到 240 箱，签收只有 228 箱。")
    fits_fingers(page)
    form.get_by_role("button", name="保存", exact=True).tap()
    saved(page)
    arrived(page, "到货短少 12 箱")
    expect(page.get_by_role("region", name="处理进度")).to_contain_text(
        re.compile(r"新创建.*1 / 5")
    )
    page.get_by_role("button", name="领取").tap()
    saved(page)
    write(page.get_by_label("服务处理"), "12 箱已补发。")
    page.get_by_role("button", name="提交处理").tap()
    saved(page)
    write(page.get_by_label("处理结果"), "已收到，数量无误。")
    page.get_by_role("radiogroup", name="满意度").get_by_text("4").tap()
    fits_fingers(page)
    page.get_by_role("button", name="提交并归档").tap()
    saved(page)
    expect(page.get_by_role("region", name="处理进度")).to_contain_text(
        re.compile(r"已归档.*5 / 5")
    )
    arrived(page, "到货短少 12 箱")


def assign(team: Team, agent: str, customer: str) -> None:
    """The director gives the agent a request; they are notified."""
    form = {"type": "consultation", "summary": "索取材质报告", "description": "2027 年版"}
    body = form | {"customer_id": customer}
    made = eventually(lambda: team.manager.post(REQUESTS, body, 201))
    path = f"{REQUESTS}/{made['id']}/assign"
    eventually(lambda: team.director.post(path, {"assignee_id": agent}))
