"""Service requests in the console: from the customer's call to the archive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.support.looks import axe
from tests.console.support.notices import saved
from tests.console.support.watch import quiet, requests
from tests.console.support.windows import OpenPage
from tests.support.records import a_customer
from tests.support.stack import RunningStack, Session, eventually

REQUESTS = "/api/v1/service-desk/requests"


@dataclass(frozen=True)
class Desk:
    """People of a service desk, and a customer who asks them for something."""

    agent: Session
    director: Session
    customer_id: str
    customer: str

    def request(self, summary: str, **fields: Any) -> str:
        """A new request of the customer; returns its id."""
        form = {"type": "complaint", "summary": summary, "description": "x"}
        body = form | {"customer_id": self.customer_id} | fields
        # The service desk hears of customers by event.
        return str(eventually(lambda: self.agent.post(REQUESTS, body, 201))["id"])

    def show(self, request_id: str) -> dict[str, Any]:
        """What the API says of a request."""
        shown: dict[str, Any] = self.agent.get(f"{REQUESTS}/{request_id}")
        return shown


@pytest.fixture(scope="module")
def desk(site: RunningStack) -> Desk:
    """The people and the customer, known to every service."""
    department = site.department("Service")
    director = site.person("sales_director", department_id=department, display_name="沈主管")
    manager = site.person("account_manager", department_id=department, display_name="林经理")
    agent = site.person("service_agent", department_id=department, display_name="何客服")
    name = f"青屿包装{uuid4().hex[:6]}"
    made = Desk(agent, director, a_customer(manager, name), name)
    first = made.request("发票抬头有误")
    candidates = f"{REQUESTS}/{first}/assignee-candidates"
    eventually(lambda: len(director.get(candidates)["items"]) >= 2, what="the people are known")
    return made


def choose(scope: Locator, label: str, option: str) -> None:
    """Choose an option of the select with this label; unfiltered, it has only the first ones."""
    scope.get_by_label(label).fill(option)
    scope.page.locator(".ant-select-item-option:visible").filter(has_text=option).first.click()


def test_a_request_goes_from_its_creation_through_two_rounds_to_the_archive(
    sign_in: OpenPage, desk: Desk
) -> None:
    page = sign_in(desk.agent, "/requests")
    page.get_by_role("button", name="新建服务请求").click()
    form = page.get_by_role("dialog", name="新建服务请求")
    form.get_by_role("button", name="保存", exact=True).click()
    expect(form.get_by_text("此项必填")).to_have_count(4)
    assert f"POST {REQUESTS}" not in requests(page)

    choose(form, "类型", "投诉")
    form.get_by_label("概要").fill("到货短少 12 箱")
    form.get_by_label("客户").fill(desk.customer)
    page.locator(".ant-select-item-option").filter(has_text=desk.customer).click()
    form.get_by_label("联系人", exact=True).fill("苏映雪")
    form.get_by_role("textbox", name="服务请求").fill("应到 240 箱，签收只有 228 箱。")
    form.get_by_role("button", name="保存", exact=True).click()
    saved(page)
    expect(page.get_by_role("heading", name="到货短少 12 箱", level=1)).to_be_visible()

    page.get_by_role("button", name="编辑").click()
    page.get_by_label("概要").fill("到货短少 12 箱，要求补发")
    page.get_by_role("button", name="保存", exact=True).click()
    saved(page)
    expect(page.get_by_role("heading", name="要求补发", level=1)).to_be_visible()

    page.get_by_role("button", name="领取").click()
    saved(page)
    round_ = page.locator("[data-round='1']")
    round_.get_by_label("服务处理").fill("已核对出库记录，请提供签收单。")
    round_.get_by_role("button", name="提交处理").click()
    saved(page)
    feedback(page, 1, "签收单写明 228 箱。", 2, "提交并退回")
    expect(page.get_by_text("满意度 2，已退回")).to_be_visible()

    page.locator("[data-round='2']").get_by_label("服务处理").fill("12 箱已补发。")
    page.get_by_role("button", name="提交处理").click()
    saved(page)
    feedback(page, 2, "已收到，数量无误。", 4, "提交并归档")
    expect(page.get_by_text("满意度 4，已归档")).to_be_visible()

    page.get_by_role("tab", name="变更记录").click()
    expect(page.get_by_text("已分配").last).to_be_visible()
    axe(page)
    page.goto("/requests?show=list&view=archive&status=archived")
    expect(page.get_by_role("link", name="FW-").first).to_be_visible()
    expect(page.get_by_text("到货短少 12 箱，要求补发")).to_be_visible()
    quiet(page)


def feedback(page: Page, number: int, result: str, satisfaction: int, submit: str) -> None:
    """Record the customer's feedback on a round."""
    form = page.locator(f"[data-round='{number}']")
    form.get_by_label("处理结果").fill(result)
    form.get_by_role("button", name="提交反馈").click()
    expect(form.get_by_text("此项必填")).to_be_visible()
    form.get_by_role("radiogroup", name="满意度").get_by_text(str(satisfaction)).click()
    expect(form.get_by_label("反馈人")).to_have_value("苏映雪")
    form.get_by_role("button", name=submit).click()
    saved(page)


def test_a_director_assigns_one_and_several_and_ends_requests_without_feedback(
    sign_in: OpenPage, desk: Desk
) -> None:
    one, unsolved, double, mistake = (desk.request(f"封口机异常 {n}") for n in range(4))
    page = sign_in(desk.director, f"/requests/{one}")
    page.get_by_role("button", name="分配").click()
    dialog = page.get_by_role("dialog", name="分配")
    choose(dialog, "处理人", "何客服")
    dialog.get_by_role("button", name="分配").click()
    saved(page)
    expect(page.get_by_text("等待何客服处理")).to_be_visible()
    page.get_by_role("button", name="改派").click()
    dialog = page.get_by_role("dialog", name="改派")
    choose(dialog, "处理人", "林经理")
    dialog.get_by_role("button", name="改派").click()
    saved(page)
    expect(page.get_by_text("等待林经理处理")).to_be_visible()

    page.goto("/requests?show=list&q=封口机异常&status=created")
    expect(page.get_by_text("已显示 3 / 3 条")).to_be_visible()
    page.get_by_role("checkbox", name="选择已显示的全部").check()
    bar = page.get_by_role("toolbar", name="批量操作")
    bar.get_by_role("button", name="分配").click()
    bulk = page.get_by_role("dialog", name="分配：3 条")
    choose(bulk, "选择处理人", "何客服")
    bulk.get_by_role("button", name="分配").click()
    expect(bulk.get_by_text("成功 3 条，失败 0 条")).to_be_visible()
    bulk.get_by_role("button", name="关闭").last.click()
    assert desk.show(mistake)["status"] == "assigned"

    page.goto(f"/requests/{unsolved}")
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="关闭").click()
    dialog = page.get_by_role("dialog", name="关闭")
    choose(dialog, "原因", "无法解决")
    dialog.locator("[class*=footer]").get_by_role("button", name="关闭").click()
    saved(page)
    expect(page.get_by_text("未经客户反馈归档：无法解决")).to_be_visible()

    page.goto(f"/requests/{double}")
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="取消请求").click()
    dialog = page.get_by_role("dialog", name="取消请求")
    dialog.get_by_role("button", name="取消请求").click()
    expect(dialog.get_by_text("此项必填")).to_be_visible()
    dialog.get_by_label("原因").fill("重复登记")
    dialog.get_by_role("button", name="取消请求").click()
    saved(page)
    expect(page.get_by_text("已取消：重复登记")).to_be_visible()
    quiet(page)


def test_at_the_desk_one_works_beside_the_queue_and_withdraws_ones_own_request(
    sign_in: OpenPage, desk: Desk
) -> None:
    request = desk.request("询问认证有效期", previous_request_id=desk.request("索取材质报告"))
    page = sign_in(desk.agent, f"/requests?show=desk&open={request}", language="en")
    entry = page.get_by_role("button", name="询问认证有效期")
    expect(entry).to_have_attribute("aria-current", "true")
    work = page.get_by_role("article", name="询问认证有效期")
    expect(work.get_by_text("previous request")).to_be_visible()
    axe(page)
    work.get_by_role("button", name="Withdraw").click()
    dialog = page.get_by_role("dialog", name="Withdraw")
    dialog.get_by_label("Reason").fill("Asked twice")
    dialog.get_by_role("button", name="Withdraw").click()
    saved(page)
    expect(work.get_by_text("Cancelled: Asked twice")).to_be_visible()
    # It stays open although it has left the queue.
    expect(entry).to_have_count(0)
    quiet(page)


def test_a_card_of_the_board_is_taken_and_handled_by_its_menu(
    sign_in: OpenPage, desk: Desk
) -> None:
    request = desk.request("备件到货时间")
    page = sign_in(desk.agent, "/requests?show=board&q=备件到货时间")
    page.get_by_role("button", name="备件到货时间 的操作").click()
    page.get_by_role("menuitem", name="领取").click()
    saved(page)
    lane = page.get_by_role("region", name="已分配")
    lane.get_by_role("button", name="备件到货时间 的操作").click()
    page.get_by_role("menuitem", name="填写处理").click()
    page.get_by_label("服务处理").fill("本周五到货。")
    page.get_by_role("button", name="提交处理").click()
    saved(page)
    expect(page.get_by_role("region", name="已处理").get_by_text("备件到货时间")).not_to_have_count(
        0
    )
    assert desk.show(request)["status"] == "handled"
    axe(page)
    quiet(page)


def test_a_customers_page_opens_the_form_for_that_customer(sign_in: OpenPage, desk: Desk) -> None:
    page = sign_in(desk.agent, f"/requests?form=create_request&customer_id={desk.customer_id}")
    form = page.get_by_role("dialog", name="新建服务请求")
    expect(form.get_by_title(desk.customer).first).to_be_visible()
    axe(page)
    quiet(page)
