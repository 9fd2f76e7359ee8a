"""Who asked the device for less movement finds every dialog and list, at once and in its place."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.console.support.notices import saved
from tests.console.support.team import Team, new_team
from tests.console.support.windows import OpenPage
from tests.support.stack import RunningStack


def open_calmly(sign_in: OpenPage, team: Team, path: str) -> Page:
    return sign_in(team.director, path, reduced_motion="reduce")


def test_a_dialog_opens_and_its_list_is_beneath_the_field(
    sign_in: OpenPage, site: RunningStack
) -> None:
    team = new_team(site)
    opportunity = team.opportunity("青屿包装材料有限公司")
    path = f"/opportunities/{opportunity['id']}?form=assign_opportunity"
    page = open_calmly(sign_in, team, path)
    dialog = page.get_by_role("dialog")
    # One that waits for its animation is there, but cannot be seen.
    expect(page.locator(".ant-modal")).to_have_css("opacity", "1")
    field = dialog.get_by_role("combobox")
    field.click()
    # There may be more people than the list shows.
    field.fill(team.name(team.manager))
    choice = page.locator(".ant-select-item-option").filter(has_text=team.name(team.manager))
    expect(choice).to_be_in_viewport()
    choice.click()
    dialog.get_by_role("button", name="指派").click()
    saved(page)


def test_a_card_is_dropped_by_mouse(sign_in: OpenPage, site: RunningStack) -> None:
    team = new_team(site)
    opportunity = team.opportunity("青屿包装材料有限公司", assigned=True)
    page = open_calmly(sign_in, team, "/opportunities?show=board")
    card = page.locator("[data-rfd-draggable-id]").filter(has_text="青屿包装")
    expect(card).to_be_visible()
    lanes = page.locator("[data-rfd-droppable-id]")
    card.hover()
    page.mouse.down()
    target = lanes.nth(1).bounding_box()
    assert target
    # Two steps: the first one lifts the card.
    page.mouse.move(target["x"] + 60, target["y"] + 20, steps=5)
    page.mouse.move(target["x"] + 80, target["y"] + 40, steps=5)
    page.mouse.up()
    saved(page)
    assert team.read(opportunity)["stage"] != opportunity["stage"]
