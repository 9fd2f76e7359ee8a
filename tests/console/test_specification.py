"""The specification's screens, sentence by sentence: fields, their order, defaults, messages."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.support.notices import saved
from tests.console.support.team import OPPORTUNITIES, Team, new_team
from tests.console.support.watch import requests
from tests.console.support.windows import OpenPage
from tests.support.records import CONTACT, a_customer
from tests.support.stack import RunningStack, eventually
from tests.support.trade import orders_of, paid_order

# A star stands after the name of what must be filled in.
OPPORTUNITY = [
    "机会来源", "已有客户", "客户名称*", "成功机率（%）*", "概要*", "联系人", "联系人电话",
    "机会描述*", "预计金额", "币种", "预计成交日期", "产品", "地区", "行业", "营业执照注册号",
]  # fmt: skip
CUSTOMER = [
    "客户名称*", "地区*", "客户等级*", "客户满意度*", "客户信用度*", "行业", "来源", "类型", "阶段",
    "地址*", "电话*", "邮政编码", "传真", "网址", "电子邮箱", "国家", "省份", "城市",
    "营业执照注册号", "法定代表人", "注册资金", "年营业额", "注册资金币种", "开户银行", "银行账号",
    "地税登记号", "国税登记号", "上级单位",
]  # fmt: skip
CONTACT_FIELDS = ["姓名*", "性别*", "职位*", "办公电话*", "手机"]
LEVELS = ["战略合作伙伴", "合作伙伴", "大客户", "重点开发客户", "普通客户"]
REQUEST = ["类型*", "优先级", "概要*", "客户*", "联系人", "服务请求*"]


@pytest.fixture
def team(site: RunningStack) -> Team:
    """A director and an account manager."""
    return new_team(site)


def fields(form: Locator) -> list[str]:
    """The names of a form's fields in their order."""
    names = form.locator(".ant-form-item-label label")
    expect(names.first).to_be_visible()
    return [re.sub(r"\s", "", name) for name in names.all_inner_texts()]


def save(form: Locator) -> None:
    """Press the button that saves."""
    form.get_by_role("button", name="保存", exact=True).click()


def refused(form: Locator, count: int) -> None:
    """The form says of so many fields that they are required."""
    expect(form.get_by_text("此项必填")).to_have_count(count)


def sent(page: Page, method: str, path: str) -> bool:
    """Whether the page has called an operation."""
    return any(line.startswith(f"{method} {path}") for line in requests(page))


def fact(page: Page, name: str) -> Locator:
    """What stands beside a name at the side of a record."""
    side = page.get_by_role("complementary")
    return side.locator("dt").filter(has_text=re.compile(f"^{name}$")).locator("+ dd")


def test_an_opportunity_is_created(sign_in: OpenPage, team: Team) -> None:
    page = sign_in(team.manager, "/opportunities?form=create_opportunity")
    form = page.get_by_role("dialog", name="新建销售机会")
    # 「编号」「创建人」「创建时间」: the system sets them, so the form does not ask for them.
    assert fields(form) == OPPORTUNITY
    # 「成功机率 从0到100的数字」
    form.get_by_label("成功机率").fill("101")
    save(form)
    expect(form.get_by_text("请填 0 到 100 的整数")).to_be_visible()
    # 「页面必填项未填时不允许提交表单」
    form.get_by_label("成功机率").fill("")
    save(form)
    refused(form, 4)
    assert not sent(page, "POST", OPPORTUNITIES)
    form.get_by_label("机会来源").fill("展会")
    form.get_by_label("客户名称").fill("青屿包装材料有限公司")
    form.get_by_label("成功机率").fill("0")
    form.get_by_label("概要").fill("年度采购")
    form.get_by_label("联系人", exact=True).fill("苏映雪")
    form.get_by_label("联系人电话").fill("0512-0000-3307")
    form.get_by_label("机会描述").fill("年用量约 120 万只。")
    save(form)
    # 「提示“保存成功”」, with the number that the system gave.
    saved(page, "XS-")
    expect(
        page.get_by_role("navigation").get_by_text(re.compile(r"XS-\d{4}-\d{6}"))
    ).to_be_visible()
    expect(page.get_by_text("未分配").first).to_be_visible()
    expect(fact(page, "创建人")).to_contain_text(team.name(team.manager))
    expect(fact(page, "创建时间")).to_contain_text(":")


def test_an_unassigned_opportunity_is_edited_or_deleted(sign_in: OpenPage, team: Team) -> None:
    name = f"鹭洲水产{uuid4().hex[:6]}"
    row = team.opportunity(name)
    team.opportunity("北岭冷链物流有限公司", assigned=True)
    # 「在销售机会管理的列表页面列出所有状态为“未分配”的销售机会记录，可选择一条进行编辑」
    page = sign_in(team.director, "/opportunities")
    page.get_by_role("tab", name="未分配").click()
    found = page.get_by_role("row").filter(has_text=name)
    expect(found).to_contain_text("未分配")
    expect(page.get_by_role("row").filter(has_text="开发中")).to_have_count(0)
    found.get_by_role("link").click()
    # 「其他信息不可编辑」: neither the number nor who created it, and when.
    page.get_by_role("button", name="编辑销售机会").click()
    form = page.get_by_role("dialog", name="编辑销售机会")
    assert fields(form) == [field for field in OPPORTUNITY if field != "已有客户"]
    form.get_by_label("概要").fill(" ")
    save(form)
    refused(form, 1)
    assert not sent(page, "PATCH", OPPORTUNITIES)
    form.get_by_label("概要").fill("冻虾年度采购")
    save(form)
    saved(page)
    assert team.read(row)["summary"] == "冻虾年度采购"
    # Only who created it may delete it.
    page.get_by_role("button", name="更多操作").click()
    expect(page.get_by_role("menuitem", name="作废")).to_be_visible()
    expect(page.get_by_role("menuitem", name="删除")).to_have_count(0)
    mine = sign_in(team.manager, f"/opportunities/{row['id']}")
    mine.get_by_role("button", name="更多操作").click()
    mine.get_by_role("menuitem", name="删除").click()
    mine.get_by_role("dialog").get_by_role("button", name="删除").click()
    saved(mine)
    expect(mine.get_by_role("heading", level=1)).to_have_text("销售机会")
    assert team.manager.get(f"{OPPORTUNITIES}?q={name}")["total"] == 0


def test_an_opportunity_is_assigned(sign_in: OpenPage, team: Team) -> None:
    team.opportunity("石榴印务有限公司", assigned=True)
    row = team.opportunity("云岭茶业有限公司", contact_name="苏映雪")
    path = f"{OPPORTUNITIES}/{row['id']}"
    page = sign_in(team.director, f"/opportunities/{row['id']}")
    page.get_by_role("button", name="指派", exact=True).click()
    dialog = page.get_by_role("dialog", name="指派")
    # 「进行指派时需要选择输入客户经理，系统自动输入指派时间」
    assert fields(dialog) == ["负责人*"]
    dialog.get_by_role("button", name="指派", exact=True).click()
    refused(dialog, 1)
    assert not sent(page, "POST", f"{path}/assign")
    dialog.get_by_label("负责人").fill(team.name(team.manager))
    page.get_by_title(team.name(team.manager)).click()
    dialog.get_by_role("button", name="指派", exact=True).click()
    saved(page)
    # 「该销售机会状态改为“已指派”（即“开发中”）」
    expect(page.get_by_text("开发中").first).to_be_visible()
    expect(fact(page, "负责人")).to_contain_text(team.name(team.manager))
    expect(fact(page, "指派时间")).to_contain_text(":")


def test_a_development_plan_is_made_and_executed(sign_in: OpenPage, team: Team) -> None:
    row = team.opportunity("沐川饮品有限公司", assigned=True, description="两条灌装线。")
    page = sign_in(team.manager, f"/opportunities/{row['id']}")
    # 「在制定开发计划时，应显示出销售机会的详细信息」
    expect(page.get_by_role("complementary").get_by_text("两条灌装线。")).to_be_visible()
    expect(fact(page, "成功机率（%）")).to_have_text("40%")
    # 「每个计划项包括两个输入要素：日期和计划内容，都是必输项」
    plan = page.get_by_role("form", name="添加")
    plan.get_by_role("button", name="添加").click()
    refused(plan, 2)
    # 「日期的输入格式为“2007-12-13”」
    plan.get_by_label("计划日期").fill("13.12.2007")
    plan.get_by_label("计划内容").fill("寄送样品")
    plan.get_by_role("button", name="添加").click()
    expect(plan.get_by_text("请按 2027-03-01 的格式填写日期")).to_be_visible()
    plan.get_by_label("计划日期").fill("2007-12-13")
    plan.get_by_role("button", name="添加").click()
    saved(page)
    item = page.locator("[data-plan-item]")
    expect(item).to_contain_text("2007-12-13")
    # 「编辑计划项时，日期不可以编辑」
    item.get_by_role("button", name="编辑计划项").click()
    assert fields(item) == ["计划内容*"]
    item.get_by_label("计划内容").fill("寄送第二批样品")
    save(item)
    saved(page)
    expect(item).to_contain_text("寄送第二批样品")
    # 「对每个计划项填写执行效果，并保存」
    item.get_by_role("button", name="填写执行效果").click()
    item.get_by_role("button", name="保存执行效果").click()
    refused(item, 1)
    item.get_by_label("执行效果").fill("检测通过。")
    item.get_by_role("button", name="保存执行效果").click()
    saved(page)
    expect(item).to_contain_text("检测通过。")
    # What was executed stays as it is.
    expect(item.get_by_role("button")).to_have_count(0)


def test_the_development_fails(sign_in: OpenPage, team: Team) -> None:
    row = team.opportunity("红枫家具有限公司", assigned=True)
    page = sign_in(team.manager, f"/opportunities/{row['id']}")
    # 「根据开发的结果不同，设置该销售机会为“开发失败”或“开发成功”」
    page.get_by_role("button", name="开发失败").click()
    dialog = page.get_by_role("dialog", name="开发失败")
    assert fields(dialog) == ["原因代码*", "竞争对手", "原因*"]
    dialog.get_by_label("原因代码").click()
    page.get_by_title("价格", exact=True).click()
    dialog.get_by_role("textbox", name="原因").fill("报价偏高")
    dialog.get_by_role("button", name="开发失败").click()
    saved(page)
    expect(page.get_by_text("开发失败").first).to_be_visible()
    expect(fact(page, "结束原因")).to_have_text("报价偏高")
    expect(page.get_by_role("form", name="添加")).to_have_count(0)
    expect(page.get_by_role("button", name="更新进展")).to_have_count(0)


def test_the_forms_of_a_customer_and_its_contacts(sign_in: OpenPage, team: Team) -> None:
    customer = a_customer(team.manager, f"海棠食品机械{uuid4().hex[:6]}")
    path = f"/api/v1/customer/customers/{customer}"
    team.manager.post(f"{path}/contacts", CONTACT, 201)
    page = sign_in(team.manager, f"/customers/{customer}?form=update_customer")
    form = page.get_by_role("dialog", name="编辑客户")
    # 「有“*”标记的为必输项」
    assert fields(form)[: len(CUSTOMER)] == CUSTOMER
    # 「客户等级的候选项由数据字典维护」
    form.get_by_label("客户等级").click()
    options = page.locator(".ant-select-item-option")
    expect(options).to_have_text(LEVELS)
    page.keyboard.press("Escape")
    # 「客户满意度和客户信用度候选项的值都是1~5」
    for score in ("客户满意度", "客户信用度"):
        asked = form.locator(".ant-form-item").filter(has_text=score)
        expect(asked.locator("label.ant-radio-button-wrapper")).to_have_text(list("12345"))
        expect(asked.locator("input:checked")).to_have_value("3")
    page.goto(f"/customers/{customer}?tab=contacts")
    page.get_by_role("main").get_by_role("table").get_by_role("link", name="Li").click()
    page.get_by_role("dialog").get_by_role("button", name="编辑联系人").click()
    form = page.get_by_role("dialog", name="编辑联系人")
    assert fields(form)[: len(CONTACT_FIELDS)] == CONTACT_FIELDS
    # 「编辑联系人时姓名、性别、职位和办公电话为必输项」
    for name in ("姓名", "职位", "办公电话"):
        form.get_by_label(name).fill("")
    save(form)
    refused(form, 3)
    assert not sent(page, "PATCH", path)


def test_the_history_of_orders(site: RunningStack, sign_in: OpenPage, team: Team) -> None:
    customer = a_customer(team.manager, f"叠翠包装{uuid4().hex[:6]}")
    number = team.manager.get(f"/api/v1/customer/customers/{customer}")["number"]
    shipped, paid, placed = (f"SO-{uuid4().hex[:8]}" for _ in range(3))
    for order, status, month in ((shipped, 5, 3), (paid, 6, 2), (placed, 1, 4)):
        more = {"customer_code": None, "customer_number": number, "status": status}
        when = f"2025-0{month}-01T10:00:00+08:00"
        site.publish_as_sales(
            paid_order(order, ordered_at=when, delivery_address="苏州市示例路 8 号", **more)
        )
    both = f"/api/v1/customer/customers/{customer}/orders?status=1,5,6"
    eventually(lambda: len(team.manager.get(both)["items"]) == 3, what="the orders are known")
    # 「读取时只读取订单状态为“已发货”或“已回款”的数据」
    assert orders_of(team.manager, customer) == sorted([shipped, paid])
    page = sign_in(team.manager, f"/customers/{customer}?tab=orders")
    table = page.get_by_role("main").get_by_role("table")
    # 「需要在列表中显示订单的编号、下单日期、送货地址、订单状态」
    expect(table.get_by_role("columnheader")).to_have_text(
        ["订单编号", "下单日期", "送货地址", "状态", "总金额"]
    )
    # 「最新的订单显示在前面」
    rows = table.get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text(re.compile(f"{shipped}.*2025-03-01.*示例路 8 号.*已发货"))
    expect(rows.nth(2)).to_contain_text(re.compile(f"{paid}.*2025-02-01.*示例路 8 号.*已回款"))
    # 「在订单明细中需要显示订单的总金额」
    table.get_by_role("link", name=paid).click()
    order = page.get_by_role("dialog", name=re.compile("订单"))
    expect(order.locator("dt").filter(has_text="总金额").locator("+ dd")).to_have_text("¥300.00")


def test_the_form_of_a_service_request(sign_in: OpenPage, team: Team) -> None:
    page = sign_in(team.manager, "/requests?form=create_request")
    form = page.get_by_role("dialog", name="新建服务请求")
    assert fields(form) == REQUEST
    # 「分咨询、建议、投诉等类型」
    form.get_by_label("类型").click()
    expect(page.locator(".ant-select-item-option")).to_have_text(
        ["咨询", "建议", "投诉", "售后", "其他"]
    )


def test_executives_read_the_statistics(sign_in: OpenPage) -> None:
    page = sign_in("executive", "/reports/customer-composition")
    # 「审查客户贡献数据、客户构成数据、客户服务构成数据和客户流失数据」
    reports = page.get_by_role("navigation", name="菜单").locator("a[href^='/reports/']")
    expect(reports).to_have_text(["客户贡献", "客户构成", "服务构成", "客户流失", "销售漏斗"])
    expect(page.get_by_role("heading", level=1)).to_have_text("客户构成分析")
    by = page.get_by_role("radiogroup", name="计数依据")
    expect(by.locator("label")).to_have_text(["客户等级", "地区", "满意度", "信用度", "行业"])
    for number, title in ((0, "客户贡献分析"), (2, "客户服务构成分析"), (3, "客户流失分析")):
        reports.nth(number).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
