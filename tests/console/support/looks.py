"""What a page must be for everybody: accessible, and without scrolling sideways."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from kehu_cli.catalogue import ROOT

AXE = ROOT / "gateway" / "console" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# The innermost elements that reach beyond the right edge of a page that scrolls sideways.
SIDEWAYS = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const beyond = [...document.body.querySelectorAll("*")].filter(
        (element) => element.getBoundingClientRect().right > width + 1);
    const inner = beyond.filter(
        (element) => !beyond.some((other) => other !== element && element.contains(other)));
    return [`it scrolls beyond ${width} px`, ...inner.map((each) => each.outerHTML.slice(0, 160))];
}"""

# What is pressed by a finger, and is less than 24 px high or wide. What belongs together counts as
# one: a box and its words, a field and its frame, a tab and what is around its words.
SMALL = """() => [...document.querySelectorAll(
        "a[href], button, input, textarea, [role=tab], [role=menuitem], [role=option]")]
    .filter((element) => element.checkVisibility({visibilityProperty: true}))
    .map((element) => element.closest("label, .ant-select, .ant-tabs-tab, a") ?? element)
    .filter(({offsetWidth, offsetHeight}) =>
        offsetWidth > 0 && Math.min(offsetWidth, offsetHeight) < 24)
    .map((element) => element.outerHTML.slice(0, 160))"""


def axe(page: Page, *, without: tuple[str, ...] = ()) -> None:
    """Fail on violations of WCAG 2.2 AA that axe finds; ``without``: selectors not looked at."""
    # What fades in or out is pale for a moment.
    expect(page.locator("[class*='-fade-appear'], [class*='-fade-leave']")).to_have_count(0)
    # By the protocol, as the policy of the page allows no script of ours.
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate(
        "([exclude, values]) => axe.run({exclude}, {runOnly: {type: 'tag', values}})",
        [[[selector] for selector in without], RULES],
    )
    lines = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n"
        + "\n".join(f"    {node['target']} {node['html'][:160]}" for node in violation["nodes"])
        for violation in found["violations"]
    ]
    assert not lines, f"{page.url} is not accessible:\n" + "\n".join(lines)
    assert found["passes"], f"{page.url} contains nothing that axe could check"


def no_sideways_overflow(page: Page) -> None:
    """Fail if the page is wider than its window."""
    found: list[str] = page.evaluate(SIDEWAYS)
    assert not found, f"{page.url} is too wide:\n" + "\n".join(found)


def fits_fingers(page: Page) -> None:
    """Fail if the page is wider than the phone, or has targets of less than 24 px."""
    no_sideways_overflow(page)
    found: list[str] = page.evaluate(SMALL)
    assert not found, f"{page.url} has small targets:\n" + "\n".join(found)
