"""One record of each kind, and a person of each role, for tests that open every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.console.support.team import OPPORTUNITIES, Team, new_team
from tests.support.records import CONTACT, a_customer, a_request, a_warning, an_order
from tests.support.stack import RunningStack, Session, eventually


@dataclass(frozen=True)
class Records:
    """People by what they do, and the ids of records by their kind; a page of the guide, too."""

    people: dict[str, Session]
    ids: dict[str, str]


def some_records(stack: RunningStack) -> Records:
    """Create them."""
    team = new_team(stack)
    soon = str(datetime.now(UTC).date() + timedelta(days=3))
    opportunity = team.opportunity(
        "青屿包装材料有限公司", assigned=True, expected_amount="286400.00", expected_close_date=soon
    )
    team.opportunity("鹭洲水产进出口有限公司")
    path = f"{OPPORTUNITIES}/{opportunity['id']}/plan-items"
    for days, content in ((-2, "寄送第二批样袋，附检测报告"), (0, "确认样品测试结论")):
        day = str(datetime.now(UTC).date() + timedelta(days=days))
        team.manager.post(path, {"date": day, "content": content}, 201)
    people = {"director": team.director, "manager": team.manager, "admin": stack.person("admin")}
    ids = {"opportunity": opportunity["id"], **_a_customer(stack, team.manager)}
    ids["request"] = _a_request(team, ids["customer"])
    ids |= _of_the_system(stack, team.manager)
    ids["guide"] = "account-manager"
    return Records(people, ids)


def _a_customer(stack: RunningStack, manager: Session) -> dict[str, str]:
    """Create a customer with a contact, an old order and the warning about it."""
    customer = a_customer(manager, f"海棠食品机械有限公司 {uuid4().hex[:6]}")
    path = f"/api/v1/customer/customers/{customer}"
    contact = manager.post(f"{path}/contacts", CONTACT, 201)
    return {
        "customer": customer,
        "contact": contact["id"],
        "order": an_order(stack, manager, path),
        "warning": a_warning(stack, manager, customer)["warning_id"],
    }


def _a_request(team: Team, customer: str) -> str:
    """Create a request in its second round, which waits for the customer's feedback."""
    made = a_request(team.director, team.manager, customer)
    path = f"/api/v1/service-desk/requests/{made}"
    team.manager.post(f"{path}/handle", {"handling": "已核对出库记录，请客户提供签收单。"})
    team.manager.post(f"{path}/feedback", {"result": "仍未补发。", "satisfaction": 2})
    team.manager.post(f"{path}/handle", {"handling": "12 箱已补发，预计今天送达。"})
    # Another one, which nobody has handled yet.
    a_request(team.director, team.manager, customer)
    return made


def _of_the_system(stack: RunningStack, person: Session) -> dict[str, str]:
    """What administrators look at."""
    stack.publish_as_sales(("sales.order-paid.v1", f"no JSON {uuid4()}".encode()))
    dead_letters = "/api/v1/customer/dead-letters?limit=1"
    failed = eventually(lambda: stack.admin.get(dead_letters)["items"], what="the event failed")
    role = stack.admin.get("/api/v1/auth/roles?name=sales_director")["items"][0]
    return {
        "user": person.user["id"],
        "role": role["id"],
        "service": "customer",
        "dead_letter": failed[0]["id"],
    }
