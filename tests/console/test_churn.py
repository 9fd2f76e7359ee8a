"""Who may be lost is seen in time, kept by measures, or given up with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from tests.console.support.looks import axe
from tests.console.support.notices import saved
from tests.console.support.watch import watch
from tests.console.support.windows import OpenPage
from tests.support.records import a_customer, a_warning, an_order
from tests.support.stack import RunningStack, Session

WARNINGS = "/api/v1/customer/churn-warnings"


class Warned:
    """An account manager, and a customer of theirs who has not ordered for long."""

    def __init__(self, site: RunningStack) -> None:
        department = site.department("Sales")
        self.manager = site.person("account_manager", department_id=department)
        self.director = site.person("sales_director", department_id=department)
        self.name = f"松涛建材{uuid4().hex[:6]}"
        self.customer = a_customer(self.manager, self.name)
        an_order(site, self.manager, f"/api/v1/customer/customers/{self.customer}")
        self.warning = a_warning(site, self.manager, self.customer)["warning_id"]


@pytest.fixture
def warned(site: RunningStack) -> Warned:
    """A warning on which nobody has acted."""
    return Warned(site)


def shown(reader: Session, warned: Warned) -> dict[str, object]:
    """The warning as the API shows it."""
    found: dict[str, object] = reader.get(f"{WARNINGS}/{warned.warning}")
    return found


def test_a_loss_is_confirmed_after_a_measure(sign_in: OpenPage, warned: Warned) -> None:
    page = sign_in(warned.manager, "/churn-warnings")
    expect(page.get_by_role("tab", name="待处理 1")).to_be_visible()
    row = page.get_by_role("row").filter(has_text=warned.name)
    expect(row).to_contain_text("措施 7 天后")
    # 「在确认流失前一定要采取措施“暂缓流失”」
    row.get_by_role("link").click()
    desk = page.get_by_role("region", name=warned.name)
    expect(desk).to_contain_text("已回款")
    expect(desk).to_contain_text("至少暂缓一次后才能确认")
    expect(desk.locator("[data-operation=confirm_churn_warning]")).to_have_count(0)
    axe(page)

    desk.get_by_role("button", name="暂缓流失").click()
    expect(desk.get_by_text("此项必填")).to_be_visible()
    assert shown(warned.manager, warned)["state"] == "open"
    measure(desk, "电话联系采购主管，对方反映固化偏慢")
    saved(page)
    # 「暂缓措施可以不断追加，系统要保存每次追加的暂缓措施」
    measure(desk, "已寄送新配方样品")
    expect(desk.locator("[data-reprieve]")).to_have_count(2)
    expect(desk.locator("[data-reprieve]").first).to_contain_text("已寄送新配方样品")
    expect(desk.locator("[data-reprieve]").first).to_contain_text(
        str(warned.manager.user["display_name"])
    )

    # 「在确认客户流失时要填写客户流失的原因」
    desk.locator("[data-operation=confirm_churn_warning]").click()
    dialog = page.get_by_role("dialog")
    send = dialog.get_by_role("button", name="确认流失")
    send.click()
    expect(dialog.get_by_text("此项必填")).to_have_count(2)
    assert shown(warned.manager, warned)["state"] == "reprieved"
    dialog.get_by_label("原因代码").click()
    page.get_by_title("竞争对手").click()
    dialog.get_by_role("textbox", name="原因").fill("改由另一家供货")
    send.click()
    expect(dialog).to_have_count(0)
    expect(desk.get_by_role("region", name="结果")).to_contain_text("竞争对手")
    expect(desk.locator("[data-operation]")).to_have_count(0)

    page.goto("/losses")
    expect(page.get_by_role("row").filter(has_text=warned.name)).to_be_visible()
    axe(page)


def measure(place: Locator, words: str) -> None:
    """Write a measure and save it."""
    field = place.get_by_role("textbox", name="暂缓措施")
    field.fill(words)
    place.get_by_role("button", name="暂缓流失").click()
    expect(field).to_have_value("")


def test_the_day_of_review_can_be_chosen_in_english(sign_in: OpenPage, warned: Warned) -> None:
    page = sign_in(warned.director, f"/churn-warnings/{warned.warning}", language="en")
    expect(page.get_by_role("heading", name=warned.name)).to_be_visible()
    watch(page).allow(422, f"{WARNINGS}/{warned.warning}/reprieves")
    page.get_by_role("textbox", name="Measure").fill("Visit the buyer")
    page.get_by_label("Next review on").fill("2020-01-01")
    page.get_by_role("button", name="Reprieve").click()
    expect(page.get_by_text("This date is in the past.")).to_be_visible()
    day = datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=40)
    page.get_by_label("Next review on").fill(day.isoformat())
    page.get_by_role("button", name="Reprieve").click()
    expect(page.locator("[data-reprieve]")).to_contain_text("Visit the buyer")
    assert shown(warned.director, warned)["next_review_on"] == day.isoformat()
    page.get_by_role("tab", name="Changes").click()
    expect(page.get_by_text("Reprieved").last).to_be_visible()


def test_who_only_reads_gets_no_buttons(
    site: RunningStack, sign_in: OpenPage, warned: Warned
) -> None:
    page = sign_in(site.person("executive"), f"/churn-warnings/{warned.warning}")
    expect(page.get_by_role("heading", name=warned.name)).to_be_visible()
    expect(page.get_by_text("还没有采取措施。")).to_be_visible()
    expect(page.locator("[data-operation]")).to_have_count(0)
    expect(page.get_by_text("至少暂缓一次后才能确认")).to_have_count(0)
