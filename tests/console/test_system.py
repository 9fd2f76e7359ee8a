"""What administrators do in the browser, and what everybody sets for themselves."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.support.looks import axe
from tests.console.support.notices import saved
from tests.console.support.windows import OpenPage
from tests.support.stack import PASSWORD, RunningStack, Session, eventually

AUTH = "/api/v1/auth"
DEAD_LETTERS = "/api/v1/customer/dead-letters"


def row(page: Page, text: str) -> Locator:
    """The row of a list with this text."""
    return page.get_by_role("row").filter(has_text=text)


def confirm(page: Page, label: str) -> None:
    """Press a button that asks, and the same one in its question."""
    page.get_by_role("button", name=label, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=label, exact=True).click()
    saved(page)


def choose(page: Page, field: Locator, title: str) -> None:
    """Choose from a list that opens under the field."""
    field.fill(title)
    page.locator(".ant-select-item-option:visible").filter(has_text=title).first.click()


@pytest.fixture
def colleague(site: RunningStack) -> dict[str, Any]:
    """An account manager, for an administrator to look after."""
    person = site.person("account_manager", display_name=f"程叙白{uuid4().hex[:4]}")
    found: dict[str, Any] = site.admin.get(f"{AUTH}/users/{person.user['id']}")
    return found | {"password": PASSWORD}


def test_a_new_user_gets_a_password_that_is_shown_once(
    sign_in: OpenPage, site: RunningStack
) -> None:
    username = f"qiao.{uuid4().hex[:6]}"
    department = site.department("华东销售部")
    name = site.admin.get(f"{AUTH}/departments/{department}")["name"]
    page = sign_in("admin", "/users")
    page.get_by_role("main").get_by_role("button", name="新建用户").click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="保存", exact=True).click()
    expect(form.get_by_text("此项必填")).to_have_count(3)
    form.get_by_label("用户名").fill(username)
    form.get_by_label("姓名").fill("乔一然")
    choose(page, form.get_by_label("角色"), "客户经理")
    page.keyboard.press("Escape")
    choose(page, form.get_by_label("部门"), name)
    password = form.get_by_label("密码", exact=True).input_value()
    form.get_by_role("button", name="保存", exact=True).click()
    once = page.get_by_role("dialog").filter(has_text="密码只显示这一次")
    expect(once).to_contain_text(username)
    expect(once).to_contain_text(password)
    once.get_by_role("button", name="关闭").click()
    saved(page)
    made = site.admin.get(f"{AUTH}/users?username={username}")["items"][0]
    assert (made["department_id"], made["roles"]) == (department, ["account_manager"])
    assert made["must_change_password"] is True
    assert site.login(username, password).token


def test_a_user_is_changed_signed_out_and_disabled(
    sign_in: OpenPage, site: RunningStack, colleague: dict[str, Any]
) -> None:
    page = sign_in("admin", f"/users/{colleague['id']}")
    page.get_by_role("button", name="编辑用户").click()
    form = page.get_by_role("dialog")
    form.get_by_label("电话").fill("021-5588 1200")
    form.get_by_role("button", name="保存", exact=True).click()
    saved(page)
    expect(page.get_by_text("021-5588 1200")).to_be_visible()
    page.get_by_role("button", name="重置密码").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("密码").first.fill("zhe-shi-xin-mi-ma")
    dialog.get_by_role("button", name="重置密码").click()
    once = page.get_by_role("dialog").filter(has_text="密码只显示这一次")
    expect(once).to_contain_text("zhe-shi-xin-mi-ma")
    once.get_by_role("button", name="关闭").click()
    saved(page)
    confirm(page, "强制下线")
    confirm(page, "停用")
    expect(page.get_by_role("banner").or_(page.locator(".k-head")).first).to_contain_text("停用")
    assert site.admin.get(f"{AUTH}/users/{colleague['id']}")["enabled"] is False
    page.get_by_role("button", name="启用").click()
    saved(page)
    assert site.admin.get(f"{AUTH}/users/{colleague['id']}")["enabled"] is True
    page.get_by_role("tab", name="变更记录").click()
    expect(page.get_by_text("强制下线").last).to_be_visible()
    expect(page.get_by_text("021-5588 1200")).to_be_visible()


def test_departments_form_a_tree(sign_in: OpenPage, site: RunningStack) -> None:
    # In front of what other tests have made: only the rows in sight exist.
    parent, child = f"0 华南大区{uuid4().hex[:6]}", f"0 广州分部{uuid4().hex[:6]}"
    page = sign_in("admin", "/departments")
    page.get_by_role("main").get_by_role("button", name="新建部门").click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="保存", exact=True).click()
    expect(form.get_by_text("此项必填")).to_have_count(1)
    form.get_by_label("名称").fill(parent)
    form.get_by_role("button", name="保存并新建").click()
    saved(page, parent)
    form.get_by_label("名称").fill(child)
    choose(page, form.get_by_label("上级部门"), parent)
    form.get_by_role("button", name="保存", exact=True).click()
    saved(page, child)
    above, below = (row(page, name).bounding_box() for name in (parent, child))
    assert above and below and above["y"] < below["y"]
    page.get_by_role("button", name=f"编辑 {child}").click()
    page.get_by_role("dialog").get_by_label("名称").fill(f"{child}二部")
    page.get_by_role("dialog").get_by_role("button", name="保存", exact=True).click()
    saved(page)
    # Whose parts are still there cannot be deleted.
    expect(page.get_by_role("button", name=f"删除 {parent}")).to_have_count(0)
    confirm(page, f"删除 {child}二部")
    expect(row(page, child)).to_have_count(0)


def test_a_setting_is_changed_with_what_it_was(sign_in: OpenPage, site: RunningStack) -> None:
    key = f"{AUTH}/settings/export_rows"
    before = site.admin.get(key)["value"]
    page = sign_in("admin", "/settings")
    page.get_by_role("button", name="修改导出行数上限").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"当前值：{before:,}")
    dialog.get_by_label("新值").fill("")
    dialog.get_by_role("button", name="保存", exact=True).click()
    expect(dialog.get_by_text("此项必填")).to_be_visible()
    dialog.get_by_label("新值").fill(str(before + 1))
    dialog.get_by_role("button", name="保存", exact=True).click()
    saved(page, f"{before:,} → {before + 1:,}")
    expect(page.locator("[data-setting=export_rows]")).to_contain_text(f"{before + 1:,}")
    answer = site.admin.request("GET", key)
    site.admin.expect(200, "PUT", key, {"value": before}, If_Match=answer.headers["ETag"])


def test_the_audit_trail_tells_what_was_before(
    sign_in: OpenPage, site: RunningStack, colleague: dict[str, Any]
) -> None:
    path = f"{AUTH}/users/{colleague['id']}"
    answer = site.admin.request("GET", path)
    site.admin.expect(200, "PATCH", path, {"phone": "5588"}, If_Match=answer.headers["ETag"])
    entries = f"{AUTH}/audit-entries?record_id={colleague['id']}&action=changed"
    eventually(lambda: site.admin.get(entries)["items"], what="the change is in the audit trail")
    page = sign_in("admin", f"/audit?record_id={colleague['id']}&action=changed")
    row(page, "修改").first.locator(".k-open").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("row").filter(has_text="电话")).to_contain_text("5588")
    axe(page)
    drawer.get_by_role("button", name="此记录的全部操作").click()
    expect(row(page, "创建")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("button", name="导出").click()
        page.get_by_role("menuitem", name="CSV").click()
    assert download.value.suggested_filename.endswith(".csv")


def test_keys_are_rotated(sign_in: OpenPage) -> None:
    page = sign_in("admin", "/keys")
    expect(page.get_by_text("签名中")).to_have_count(1)
    known = page.locator(".k-body li").count()
    page.get_by_role("button", name="轮换密钥").click()
    page.get_by_role("dialog").get_by_role("button", name="轮换密钥").click()
    saved(page)
    expect(page.get_by_text("即将启用")).to_have_count(1)
    expect(page.locator(".k-body li")).to_have_count(known + 1)


def test_failed_events_are_replayed_and_discarded(sign_in: OpenPage, site: RunningStack) -> None:
    before = site.admin.get(DEAD_LETTERS)["total"]
    site.publish_as_sales(*[("sales.order-paid.v1", b"no JSON %d" % one) for one in range(2)])
    eventually(lambda: site.admin.get(DEAD_LETTERS)["total"] == before + 2, what="both failed")
    page = sign_in("admin", "/dead-letters")
    page.get_by_role("tab", name="客户").click()
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", name="事件内容")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="重放").click()
    saved(page)
    # The same event fails again; nothing else was changed by it.
    eventually(lambda: site.admin.get(f"{DEAD_LETTERS}?state=dead")["total"] == before + 2)
    page.reload()
    for index in range(2):
        page.locator("tbody .ant-checkbox-input").nth(index).check()
    page.get_by_role("toolbar", name="批量操作").get_by_role("button", name="丢弃").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="丢弃").click()
    expect(dialog.get_by_text("成功 2 条，失败 0 条")).to_be_visible()
    dialog.get_by_role("button", name="关闭").last.click()
    expect(page.get_by_role("toolbar", name="批量操作")).to_have_count(0)
    assert site.admin.get(DEAD_LETTERS)["total"] == before


def test_a_scan_is_started_and_ends(sign_in: OpenPage) -> None:
    page = sign_in("admin", "/churn-scans")
    page.get_by_role("button", name="开始扫描").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("截至日期").fill("2026-02-28")
    dialog.get_by_role("button", name="开始扫描").click()
    saved(page)
    expect(row(page, "2026-02-28").first).to_contain_text("已完成")


def test_a_role_tells_what_it_allows(sign_in: OpenPage) -> None:
    page = sign_in("admin", "/roles", language="en")
    page.get_by_role("link", name="Sales director").click()
    customers = page.get_by_role("region", name="Customers")
    expect(
        customers.get_by_role("listitem").filter(has_text="View customers").first
    ).to_contain_text("The team's records")
    axe(page)


def test_everybody_sets_their_own(sign_in: OpenPage, site: RunningStack) -> None:
    person = site.person("service_agent")
    elsewhere = Session(site.gateway_url, person.login)
    assert elsewhere.token
    page = sign_in(person, "/me")
    page.get_by_label("电话").fill("021-5588 1300")
    page.get_by_role("button", name="保存资料").click()
    saved(page)
    assert person.get(f"{AUTH}/me")["phone"] == "021-5588 1300"
    # The choice shows once the page is drawn again, which a check by the mouse does not wait for.
    page.get_by_label("紧凑").click()
    expect(page.get_by_label("紧凑")).to_be_checked()
    eventually(lambda: person.get(f"{AUTH}/me/preferences")["density"] == "compact")
    page.get_by_role("switch", name="单字母快捷键").click()
    eventually(lambda: person.get(f"{AUTH}/me/preferences")["shortcuts"] is False)
    confirm(page, "下线其他设备")
    expect(page.get_by_text("当前设备", exact=True)).to_have_count(1)
    expect(page.get_by_role("button", name="下线其他设备")).to_have_count(0)
    page.get_by_label("原密码").fill(PASSWORD)
    for field in page.locator("input[autocomplete=new-password]").all():
        field.fill("xuan-chuan-1300")
    page.get_by_role("button", name="修改密码").click()
    saved(page, "密码已修改")
    assert site.login(person.user["username"], "xuan-chuan-1300").token


def test_an_administrator_begins_with_the_health_of_the_system(
    sign_in: OpenPage, site: RunningStack
) -> None:
    wrong = {"username": f"nobody{uuid4().hex[:6]}", "password": "wrong-horse-battery"}
    site.nobody.expect(401, "POST", f"{AUTH}/login", wrong)
    found = f"{AUTH}/audit-entries?action=login&outcome=refused"
    eventually(lambda: site.admin.get(found)["items"], what="the refusal is recorded")
    page = sign_in("admin")
    refused = page.get_by_role("region", name="被拒绝的登录")
    expect(refused.get_by_role("link", name="127.0.0.1").first).to_be_visible()
    expect(page.get_by_role("region", name="最近的流失扫描")).to_be_visible()
    refused.get_by_role("link", name="127.0.0.1").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("invalid-credentials")
