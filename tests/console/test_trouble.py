"""What the console says and does when something is not as it should be."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.console.support.notices import saved
from tests.console.support.team import OPPORTUNITIES, Team, new_team
from tests.console.support.watch import watch
from tests.console.support.windows import OpenPage
from tests.support.stack import RunningStack


@pytest.fixture
def team(site: RunningStack) -> Team:
    """A director and an account manager."""
    return new_team(site)


def open_progress(page: Page) -> Any:
    """Open the form for the progress of an opportunity."""
    page.get_by_role("button", name="更新进展").click()
    return page.get_by_role("dialog")


def change(team: Team, row: dict[str, Any], **fields: Any) -> None:
    """Change the opportunity as a colleague does, elsewhere."""
    path = f"{OPPORTUNITIES}/{row['id']}"
    etag = team.director.request("GET", path).headers["ETag"]
    team.director.expect(200, "PATCH", f"{path}/progress", fields, If_Match=etag)


def test_changes_of_different_fields_are_merged(sign_in: OpenPage, team: Team) -> None:
    row = team.opportunity("红枫家具有限公司", assigned=True)
    page = sign_in(team.manager, f"/opportunities/{row['id']}")
    watch(page).allow(412, f"{OPPORTUNITIES}/{row['id']}/progress")
    form = open_progress(page)
    form.get_by_label("联系人", exact=True).fill("苏映雪")
    change(team, row, success_rate=55)
    form.get_by_role("button", name="保存", exact=True).click()
    saved(page)
    now = team.read(row)
    assert (now["contact_name"], now["success_rate"]) == ("苏映雪", 55)


def test_changes_of_the_same_field_are_decided(sign_in: OpenPage, team: Team) -> None:
    row = team.opportunity("禾木家居制造有限公司", assigned=True)
    page = sign_in(team.manager, f"/opportunities/{row['id']}")
    watch(page).allow(412, f"{OPPORTUNITIES}/{row['id']}/progress")
    form = open_progress(page)
    form.get_by_label("成功机率").fill("80")
    change(team, row, success_rate=35)
    form.get_by_role("button", name="保存", exact=True).click()
    merge = page.get_by_role("dialog", name="这条记录刚刚被别人修改")
    expect(merge.get_by_text(team.name(team.director))).to_be_visible()
    merge.get_by_role("radio", name="我的").click()
    merge.get_by_role("button", name="保存").click()
    saved(page)
    assert team.read(row)["success_rate"] == 80


def test_a_lost_answer_creates_no_second_record(sign_in: OpenPage, team: Team) -> None:
    page = sign_in(team.manager, "/opportunities?form=create_opportunity")
    keys: list[str] = []

    def lose_the_answer(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            route.continue_()
            return
        # The server has done it, and the connection ends before the answer comes.
        route.fetch()
        route.abort("connectionreset")

    page.route(
        f"**{OPPORTUNITIES}",
        lambda route: (
            lose_the_answer(route) if route.request.method == "POST" else route.continue_()
        ),
    )
    form = page.get_by_role("dialog")
    form.get_by_label("客户名称").fill("沐川饮品有限公司")
    form.get_by_label("概要").fill("瓶盖扭矩检测仪")
    form.get_by_label("机会描述").fill("两条线。")
    form.get_by_role("button", name="保存", exact=True).click()
    expect(form.get_by_text("不确定是否已经保存。再试一次不会重复创建")).to_be_visible()
    form.get_by_role("button", name="再试一次").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("沐川饮品有限公司")
    assert len(set(keys)) == 1
    found = team.manager.get(f"{OPPORTUNITIES}?q=沐川饮品有限公司")
    assert found["total"] == 1
    watch(page).forgive("net::ERR_CONNECTION_RESET")


def test_a_session_that_ended_elsewhere_loses_no_text(sign_in: OpenPage, team: Team) -> None:
    row = team.opportunity("蓝汀渔业有限公司", assigned=True)
    page = sign_in(team.manager, f"/opportunities/{row['id']}")
    form = open_progress(page)
    form.get_by_label("联系人", exact=True).fill("汪渔")
    # As in another tab, without telling this one.
    headers = {"Origin": page.url.split("/opp")[0], "X-Kehu-Console": "1"}
    page.request.delete("/api/v1/auth/session", headers=headers)
    watch(page).allow(401, "*")
    form.get_by_role("button", name="保存", exact=True).click()
    dialog = page.get_by_role("dialog", name="登录已失效")
    dialog.get_by_label("密码").fill(team.manager.login["password"] if team.manager.login else "")
    dialog.get_by_role("button", name="登录").click()
    saved(page)
    assert team.read(row)["contact_name"] == "汪渔"


def test_a_service_that_is_down_leaves_the_rest(sign_in: OpenPage, team: Team) -> None:
    page = sign_in(team.director, "/")
    expect(page.get_by_role("heading", name="服务请求")).to_be_visible()
    watch(page).allow(503, "*")
    page.route("**/api/v1/service-desk/**", lambda route: route.fulfill(
        status=503, headers={"Retry-After": "5", "Content-Type": "application/problem+json"},
        body='{"status": 503, "code": "dependency-down", "detail": "服务暂时不可用。"}',
    ))  # fmt: skip
    page.reload()
    expect(
        page.get_by_role("region", name="服务请求").get_by_text("服务暂时不可用。")
    ).to_be_visible()
    expect(page.get_by_role("region", name="未分配的销售机会")).to_be_visible()


def test_what_was_typed_is_not_lost_by_leaving(sign_in: OpenPage, team: Team) -> None:
    row = team.opportunity("澄江陶瓷有限公司", assigned=True)
    page = sign_in(team.manager, "/opportunities")
    page.get_by_role("link", name=row["number"]).click()
    ask = page.get_by_role("dialog", name="放弃已填写的内容？")
    open_progress(page).get_by_label("联系人", exact=True).fill("苏映雪")
    page.go_back()
    ask.get_by_role("button", name="继续填写").click()
    expect(page.get_by_label("联系人", exact=True)).to_have_value("苏映雪")
    page.get_by_role("button", name="取消").click()
    ask.get_by_role("button", name="放弃").click()
    expect(page.get_by_label("联系人", exact=True)).to_have_count(0)

    # In its place, where only another tab or page takes it away.
    page.get_by_label("计划内容").fill("寄样品")
    page.get_by_role("tab", name="变更记录").click()
    ask.get_by_role("button", name="继续填写").click()
    expect(page.get_by_label("计划内容")).to_have_value("寄样品")
    page.get_by_role("menuitem", name="客户", exact=True).click()
    ask.get_by_role("button", name="放弃").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("客户")


def test_a_new_version_is_offered(sign_in: OpenPage, team: Team) -> None:
    page = sign_in(team.manager, "/opportunities")
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    def as_newer(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers=answer.headers | {"x-kehu-version": "newer"})

    page.route("**/api/v1/**", as_newer)
    page.get_by_role("tab", name="全部").click()
    expect(page.get_by_role("button", name="重新载入")).to_be_visible()
    # What is still on its way ends with the page.
    page.unroute_all(behavior="ignoreErrors")


def test_what_the_browser_calls_offline_may_reach_kehu(sign_in: OpenPage, team: Team) -> None:
    row = team.opportunity("竹溪纸业有限公司", assigned=True)
    page = sign_in(team.manager, "/notifications")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.evaluate("() => dispatchEvent(new Event('offline'))")
    page.get_by_role("menuitem", name="销售机会").click()
    page.get_by_role("link", name=row["number"]).click()
    open_progress(page).get_by_label("联系人", exact=True).fill("苏映雪")
    page.get_by_role("button", name="保存", exact=True).click()
    saved(page)


def test_a_record_that_is_not_ones_own_says_no_more(
    sign_in: OpenPage, site: RunningStack, team: Team
) -> None:
    other = new_team(site).opportunity("别的部门的客户")
    page = sign_in(team.manager)
    watch(page).allow(404, "*")
    page.goto(f"/opportunities/{other['id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("记录不存在")
    expect(page.locator("main")).not_to_contain_text("别的部门的客户")


def test_a_page_that_is_not_allowed_names_the_permission(sign_in: OpenPage) -> None:
    page = sign_in("service_agent", "/opportunities")
    expect(page.get_by_role("heading", level=1)).to_have_text("无权查看此页面")
    expect(page.get_by_text(re.compile("查看销售机会"))).to_be_visible()
