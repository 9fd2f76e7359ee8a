"""Where the console is reached: on plain http in an office, and through several gateways."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from kehu_cli.ports import LOOPBACK
from tests.console.support.chromium import OFFICE
from tests.console.support.notices import saved
from tests.console.support.processes import another_gateway
from tests.console.support.team import OPPORTUNITIES, Team, new_team
from tests.console.support.watch import watch
from tests.console.support.windows import OpenPage
from tests.support.stack import RunningStack, Session, eventually

ME = "/api/v1/auth/me"
UNSAFE = "此页面未加密（http）"
# Every gateway fetches the policy every 15 s.
POLICY_SECONDS = 20.0
# As many at once as a browser sends, and of several tabs.
AT_ONCE = """() => Promise.all(Array.from({length: 12}, () =>
    fetch("/api/v1/auth/me").then((answer) => answer.status)))"""


@pytest.fixture
def team(site: RunningStack) -> Team:
    """A director and an account manager."""
    return new_team(site)


def open_login(open_window: OpenPage, address: str) -> Page:
    """The login page at an address."""
    page = open_window(base_url=address)
    # Whoever has no session gets 401.
    watch(page).allow(401, ME)
    # The browser says that it ignores this header where the address is not secure.
    watch(page).forgive("Cross-Origin-Opener-Policy")
    page.goto("/login")
    return page


def enter_password(page: Page, person: Session) -> None:
    """Sign in by the form."""
    assert person.login
    page.get_by_label("用户名").fill(person.login["username"])
    page.get_by_label("密码").fill(person.login["password"])
    page.get_by_role("button", name="登录", exact=True).click()


def unread(page: Page) -> str:
    """The count beside the menu's entry."""
    return "".join(
        page.get_by_role("navigation", name="菜单").locator("[data-hot]").all_inner_texts()
    )


def test_plain_http_in_an_office(open_window: OpenPage, site: RunningStack, team: Team) -> None:
    office = f"http://{OFFICE}:{urlsplit(site.gateway_url).port}"
    page = open_login(open_window, office)
    assert page.evaluate("isSecureContext") is False
    expect(page.get_by_text(UNSAFE)).to_be_visible()
    enter_password(page, team.manager)
    expect(page.get_by_role("heading", level=1)).to_have_text("工作台")
    [cookie] = page.context.cookies()
    assert (cookie["name"], cookie["secure"]) == ("kehu", False)
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    # A change, whose key is made without crypto.randomUUID.
    page.goto("/opportunities?form=create_opportunity")
    form = page.get_by_role("dialog")
    form.get_by_label("客户名称").fill("溪桥纸业有限公司")
    form.get_by_label("概要").fill("纸箱")
    form.get_by_label("机会描述").fill("三条线。")
    form.get_by_role("button", name="保存", exact=True).click()
    saved(page)
    assert team.manager.get(f"{OPPORTUNITIES}?q=溪桥纸业有限公司")["total"] == 1
    # Without locks, each tab in sight asks for notifications by itself.
    other = page.context.new_page()
    watch(other).forgive("Cross-Origin-Opener-Policy")
    other.goto("/opportunities")
    expect(other.get_by_role("heading", level=1)).to_have_text("销售机会")
    team.opportunity("云溪包装有限公司", assigned=True)
    for tab in (page, other):
        tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        eventually(lambda tab=tab: unread(tab) == "1", what="the notification")


def test_the_machine_itself_needs_no_warning(open_page: OpenPage) -> None:
    page = open_page("/login")
    expect(page.get_by_label("用户名")).to_be_visible()
    expect(page.get_by_text(UNSAFE)).to_have_count(0)


def test_plain_http_is_refused_where_https_is_required(
    open_window: OpenPage, site: RunningStack, team: Team
) -> None:
    with another_gateway(site, KEHU_REQUIRE_HTTPS="1") as port:
        page = open_login(open_window, f"http://{OFFICE}:{port}")
        watch(page).allow(403, "/api/v1/auth/session")
        enter_password(page, team.manager)
        expect(page.get_by_role("alert").filter(has_text="https")).to_have_count(2)
        assert page.context.cookies() == []
        # The machine itself is no network in which somebody could read along.
        near = open_login(open_window, f"http://{LOOPBACK}:{port}")
        enter_password(near, team.manager)
        expect(near.get_by_role("heading", level=1)).to_have_text("工作台")


def test_several_gateways_are_one(
    sign_in: OpenPage, open_window: OpenPage, site: RunningStack, team: Team
) -> None:
    with another_gateway(site, KEHU_WORKERS="2") as port:
        second = f"http://{LOOPBACK}:{port}"
        here = sign_in(team.manager, "/opportunities")
        expect(here.get_by_role("heading", level=1)).to_have_text("销售机会")
        # A cookie belongs to a host and not to a port, so this is another gateway of one address.
        there = here.context.new_page()
        there.goto(f"{second}/customers")
        expect(there.get_by_role("heading", level=1)).to_have_text("客户")
        for _ in range(3):
            assert {*here.evaluate(AT_ONCE), *there.evaluate(AT_ONCE)} == {200}
        # On another device, through the second gateway, whose workers know the session then.
        away = open_login(open_window, second)
        enter_password(away, team.manager)
        expect(away.get_by_role("heading", level=1)).to_have_text("工作台")
        assert set(away.evaluate(AT_ONCE)) == {200}
        for page in (here, there, away):
            watch(page).allow(401, "*")
        here.goto("/me")
        here.get_by_role("button", name="下线其他设备").click()
        here.get_by_role("dialog").get_by_role("button", name="下线其他设备").click()
        saved(here)
        eventually(
            lambda: set(away.evaluate(AT_ONCE)) == {401},
            within=POLICY_SECONDS,
            what="all workers of the other gateway know",
        )
        assert {*here.evaluate(AT_ONCE), *there.evaluate(AT_ONCE)} == {200}
