"""The way of an opportunity in the browser, from its creation to the customer it makes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.console.support.notices import saved
from tests.console.support.team import Team, new_team
from tests.console.support.windows import OpenPage
from tests.support.stack import RunningStack

# A day is a day everywhere on earth for these tests: they need one near today.
TODAY = datetime.now(UTC).date()


@pytest.fixture
def team(site: RunningStack) -> Team:
    """A director and an account manager."""
    return new_team(site)


def test_from_creation_to_the_customer(sign_in: OpenPage, team: Team) -> None:
    page = sign_in(team.manager, "/opportunities")
    page.get_by_role("main").get_by_role("button", name="新建销售机会").first.click()
    form = page.get_by_role("dialog")
    # An empty form is not sent, and says what is missing.
    form.get_by_role("button", name="保存", exact=True).click()
    expect(form.get_by_text("此项必填")).to_have_count(3)
    form.get_by_label("客户名称").fill("青屿包装材料有限公司")
    form.get_by_label("成功机率").fill("60")
    form.get_by_label("概要").fill("可降解快递袋年度采购")
    form.get_by_label("机会描述").fill("年用量约 120 万只，三种规格。")
    form.get_by_label("预计金额").fill("286,400.00")
    form.get_by_label("预计成交日期").fill("2027/3/1")
    form.get_by_role("button", name="保存", exact=True).click()
    saved(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("青屿包装材料有限公司")
    expect(page.get_by_text("¥286,400.00")).to_be_visible()
    expect(page.get_by_text("2027-03-01")).to_be_visible()
    path = page.url

    director = sign_in(team.director, path)
    director.get_by_role("button", name="指派", exact=True).click()
    dialog = director.get_by_role("dialog")
    dialog.get_by_role("combobox").fill(team.name(team.manager))
    director.get_by_title(team.name(team.manager)).click()
    dialog.get_by_role("button", name="指派", exact=True).click()
    saved(director)
    expect(director.get_by_text("开发中").first).to_be_visible()

    page.goto(path)
    plan = page.get_by_role("form", name="添加")
    plan.get_by_label("计划日期").fill(TODAY.isoformat())
    plan.get_by_label("计划内容").fill("与采购负责人确认样品测试结论")
    plan.get_by_role("button", name="添加").click()
    saved(page)
    page.get_by_role("button", name="填写执行效果").click()
    page.get_by_label("执行效果").fill("测试通过，首批 20 万只。")
    page.get_by_role("button", name="保存执行效果").click()
    saved(page)
    expect(page.get_by_text("测试通过，首批 20 万只。")).to_be_visible()

    page.get_by_role("button", name="更新进展").click()
    form = page.get_by_role("dialog")
    form.get_by_label("成功机率").fill("75")
    form.get_by_role("button", name="保存", exact=True).click()
    saved(page)
    expect(page.get_by_text("75%")).to_be_visible()

    page.get_by_role("button", name="开发成功").click()
    page.get_by_role("dialog").get_by_role("button", name="开发成功").click()
    saved(page)
    link = page.get_by_role("complementary").get_by_role("link", name="青屿包装材料有限公司")
    expect(link).to_have_attribute("href", re.compile("/customers/"))


def test_what_is_not_allowed_has_no_button(sign_in: OpenPage, team: Team) -> None:
    mine = team.opportunity("北岭冷链物流有限公司")
    page = sign_in(team.manager, f"/opportunities/{mine['id']}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("button", name="更多操作").click()
    buttons = page.locator("[data-operation]")
    shown = {buttons.nth(index).get_attribute("data-operation") for index in range(buttons.count())}
    known = set(team.manager.get(f"/api/v1/marketing/opportunities/{mine['id']}")["actions"])
    assert shown <= known
    assert "assign_opportunity" not in shown


def test_a_lost_one_in_english(sign_in: OpenPage, site: RunningStack) -> None:
    team = new_team(site, "en")
    row = team.opportunity("Harbour & Pine Trading", assigned=True)
    page = sign_in(team.manager, f"/opportunities/{row['id']}", language="en")
    page.get_by_role("button", name="Lose", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Lose", exact=True).click()
    expect(dialog.get_by_text("This is required")).to_have_count(2)
    dialog.get_by_role("combobox").first.click()
    page.get_by_title("Price", exact=True).click()
    dialog.get_by_role("textbox", name="Reason").fill("They bought elsewhere.")
    dialog.get_by_role("button", name="Lose", exact=True).click()
    saved(page)
    assert team.read(row)["status"] == "lost"


def test_a_card_moves_by_keyboard_and_by_its_menu(sign_in: OpenPage, team: Team) -> None:
    row = team.opportunity("云岭茶业有限公司", assigned=True)
    page = sign_in(team.manager, "/opportunities?show=board")
    card = page.locator(".k-board-card").filter(has_text="云岭茶业有限公司")
    handle = card.locator("[data-rfd-drag-handle-draggable-id]")
    handle.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    saved(page)
    second = page.locator(".k-lane").nth(1)
    expect(second.get_by_text("云岭茶业有限公司").first).to_be_visible()
    stage = team.read(row)["stage"]
    second.get_by_role("button", name="云岭茶业有限公司 的操作").click()
    page.get_by_role("menuitem", name="移到").last.click()
    saved(page)
    assert team.read(row)["stage"] != stage


def test_several_are_assigned_at_once(sign_in: OpenPage, team: Team) -> None:
    # Marketing knows the manager once somebody could assign to them.
    team.opportunity("石榴印务丁公司", assigned=True)
    rows = [team.opportunity(f"石榴印务{number}公司") for number in ("甲", "乙", "丙")]
    page = sign_in(team.director, "/opportunities?status=unassigned")
    for number in ("甲", "乙", "丙"):
        row = page.get_by_role("row").filter(has_text=f"石榴印务{number}公司")
        row.get_by_role("checkbox").check()
    page.get_by_role("toolbar", name="批量操作").get_by_role("button", name="指派").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill(team.name(team.manager))
    page.get_by_title(team.name(team.manager)).click()
    dialog.get_by_role("button", name="指派").click()
    expect(dialog.get_by_text("成功 3 条，失败 0 条")).to_be_visible()
    dialog.get_by_role("button", name="关闭").last.click()
    assert [team.read(row)["status"] for row in rows] == ["developing"] * 3


def test_filters_and_words_are_in_the_address(sign_in: OpenPage, team: Team) -> None:
    team.opportunity("鹭洲水产进出口有限公司", expected_close_date=str(TODAY + timedelta(3)))
    page = sign_in(team.manager, "/opportunities")
    page.get_by_role("searchbox").fill("鹭洲")
    expect(page).to_have_url(re.compile("q=%E9%B9%AD"))
    expect(page.get_by_role("row").filter(has_text="鹭洲水产")).to_have_count(1)
    page.get_by_role("link", name=re.compile("XS-")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("鹭洲水产进出口有限公司")
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("鹭洲")
    page.get_by_role("searchbox").fill("没有这样的客户")
    expect(page.get_by_text("没有符合条件的记录")).to_be_visible()
    page.get_by_role("button", name="清除筛选").last.click()
    expect(page.get_by_role("row").filter(has_text="鹭洲水产")).to_have_count(1)
