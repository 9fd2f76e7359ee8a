"""What the pictures of the user guide show: whose page, where, and what is done there before."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

Act = Callable[[Page], None]

# The records that pictures show, by the request that finds each; the first one is meant.
SUBJECTS = {
    "opportunity": "/api/v1/marketing/opportunities?q=青屿包装&status=developing",
    "unassigned": "/api/v1/marketing/opportunities?q=南通泊岸",
    "customer": "/api/v1/customer/customers?q=青屿包装",
    "warning": "/api/v1/customer/churn-warnings?q=蓝汀渔业",
    "request": "/api/v1/service-desk/requests?q=到货短少&status=handled",
}


@dataclass(frozen=True)
class Scene:
    """One picture: the role of the person, the address with names of SUBJECTS, what is done."""

    name: str
    role: str
    path: str
    act: Act | None = None
    phone: bool = False
    height: int = 800


def type_into_search(words: str) -> Act:
    """Open the search box and look for these words."""

    def act(page: Page) -> None:
        page.keyboard.press("Control+k")
        page.get_by_role("combobox").fill(words)
        page.get_by_role("option").first.wait_for()

    return act


def list_choices(page: Page) -> None:
    """Open the list of the field that has the focus."""
    page.keyboard.press("ArrowDown")
    page.locator(".ant-select-item-option").first.wait_for()


def mark_dissatisfied(page: Page) -> None:
    """Choose the mark 2 of satisfaction."""
    page.locator(".k-scores label").nth(1).click()
    page.mouse.move(0, 0)


def fill_in_user(page: Page) -> None:
    """Fill in names, and a password, as the random one would differ in each picture."""
    fields = page.locator(".ant-drawer input.ant-input")
    for number, text in enumerate(("jiang.yue", "江月")):
        fields.nth(number).fill(text)
    fields.last.fill("hk7m-4tqe-w2zp")


ASSIGNING = "/opportunities/{unassigned}?form=assign_opportunity"
REVIEWED = "/churn-warnings?view=reprieved&state=reprieved&sort=next_review_on&open={warning}"
FEEDBACK = "/requests?show=desk&view=feedback&status=handled&open={request}"

SCENES = (
    Scene("workbench", "account_manager", "/"),
    Scene("search", "account_manager", "/", type_into_search("青屿")),
    Scene("saved-views", "account_manager", "/opportunities"),
    Scene("phone-workbench", "account_manager", "/", phone=True),
    Scene("opportunity", "account_manager", "/opportunities/{opportunity}"),
    Scene("win", "account_manager", "/opportunities/{opportunity}?form=win_opportunity"),
    Scene("customer", "account_manager", "/customers/{customer}"),
    Scene("churn-warning", "sales_director", REVIEWED, height=900),
    Scene("workbench-director", "sales_director", "/"),
    Scene("assign", "sales_director", ASSIGNING, list_choices),
    Scene("board", "sales_director", "/opportunities?show=board"),
    Scene("new-request", "service_agent", "/requests?form=create_request"),
    Scene("request-desk", "service_agent", FEEDBACK, mark_dissatisfied, height=900),
    Scene("contribution", "executive", "/reports/customer-contribution", height=900),
    Scene("funnel", "executive", "/reports/sales-funnel"),
    Scene("new-user", "admin", "/users?form=create_user", fill_in_user),
    Scene("permissions", "admin", "/roles?show=matrix"),
    Scene("settings", "admin", "/settings"),
)
