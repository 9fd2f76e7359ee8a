"""The small demonstration and a file of orders, on a running stack."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kehu_cli.demo.client import GatewayClient, Person
from kehu_cli.stack import leftovers
from kehu_cli.stack.stack import describe
from kehu_cli.stack.state import State
from tests.support.kehu import Kehu
from tests.support.stack import state_folder

ORDERS = """\
customer_id,date,quantity,amount_usd
00004,1997-01-01,2,29.33
00004,1997-01-01,1,0.00
00018,1997-06-30,1,14.96
"""


# The names of the roles in the table of those who can sign in.
ROLES = {
    "系统管理员": "admin",
    "高管": "executive",
    "销售主管": "sales_director",
    "客户经理": "account_manager",
    "市场专员": "marketing_specialist",
    "客服": "service_agent",
}


@pytest.fixture(scope="module")
def kehu() -> Iterator[Kehu]:
    """A running, empty stack."""
    with state_folder() as folder:
        command = Kehu(folder)
        result = command.up()
        assert result.returncode == 0, result.stdout + result.stderr
        yield command
        assert command.run("down").returncode == 0
        assert leftovers.find(command.folder) == []


@pytest.fixture(scope="module")
def demonstration(kehu: Kehu) -> str:
    """The output of the demonstration, which has been played on that stack."""
    result = kehu.run("demo")
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def people(kehu: Kehu, demonstration: str) -> dict[str, Person]:
    """Those whom the demonstration shows for signing in, by role."""
    _, table = demonstration.split("Sign in at", 1)
    gateway = GatewayClient(describe(State(kehu.folder)).gateway_url)
    rows = re.findall(r"│ (\S+) +│ \S+ +│ (\S+) +│ (\S+) +│", table)
    return {ROLES[role]: Person(gateway, name, password) for role, name, password in rows}


def test_the_demonstration_agrees_with_its_input(demonstration: str) -> None:
    assert "Every figure agrees with the input." in demonstration
    assert int(_seen(demonstration, "repeats recognised by the customer service")) > 10
    # It played everything: one manager had two churn warnings.
    assert "confirming without a reprieve is refused" in demonstration


def test_one_person_of_each_role_can_sign_in(people: dict[str, Person]) -> None:
    assert people.keys() == {*ROLES.values()}
    for role, person in people.items():
        assert person.get("/auth/me")["roles"] == [role]


def test_all_stages_states_and_currencies_are_there_to_be_seen(people: dict[str, Person]) -> None:
    reader = people["executive"]
    opportunities = reader.pages("/marketing/opportunities")
    stages = {stage["code"] for stage in reader.get("/marketing/stages")["items"]}
    assert {one["stage"] for one in opportunities if one["stage"]} == stages
    statuses = {"unassigned", "developing", "won", "lost", "voided"}
    assert {one["status"] for one in opportunities} == statuses
    assert {one["currency"] for one in opportunities} == {"CNY", "USD"}
    requests = reader.pages("/service-desk/requests")
    handled = {"created", "assigned", "handled", "archived", "cancelled"}
    assert {one["status"] for one in requests} == handled
    assert max(one["rounds"] for one in requests) == 2
    warnings = reader.pages("/customer/churn-warnings")
    states = {"open", "reprieved", "confirmed", "recovered"}
    assert {one["state"] for one in warnings} == states


def test_people_have_work_to_do(people: dict[str, Person]) -> None:
    manager, agent = people["account_manager"], people["service_agent"]
    assert manager.total("/marketing/plan-items", overdue="true")
    assert manager.total("/customer/churn-warnings", state="open")
    assert people["sales_director"].total("/marketing/opportunities", status="unassigned")
    assert agent.total("/service-desk/requests", status="assigned", assignee_id=agent.id)
    assert all(one.total("/service-desk/notifications") for one in (manager, agent))


@pytest.mark.usefixtures("demonstration")
def test_a_second_demonstration_explains_how_to_get_an_empty_kehu(kehu: Kehu) -> None:
    result = kehu.run("demo")
    assert result.returncode == 1
    assert "./kehu demo --fresh" in result.stdout


def test_publishing_a_file_of_orders_again_changes_nothing(kehu: Kehu, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    for known in (0, 5):
        result = kehu.run("sales", "publish", str(path))
        assert result.returncode == 0, result.stdout + result.stderr
        assert "44.29" in result.stdout
        # All were handled before the orders were counted, so a duplicate would have been seen.
        assert _seen(result.stdout, "events handled by the customer service") == "5"
        assert _seen(result.stdout, "of these known before") == str(known)
    stack = describe(State(kehu.folder))
    admin = Person(GatewayClient(stack.gateway_url), stack.admin_username, stack.admin_password)
    (watcher,) = admin.get("/auth/users", q="sales-watch")["items"]
    assert not watcher["enabled"]


def _seen(table: str, figure: str) -> str:
    """Return the value of a figure in the table."""
    (line,) = [line for line in table.splitlines() if figure in line]
    return line.split("│")[3].strip()


def test_bad_lines_are_reported_and_good_ones_published(kehu: Kehu, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(f"{ORDERS}00018,1997-07-01,-1,14.96\n00018,1997-07-02,1,10.00\n")
    result = kehu.run("sales", "publish", str(path))
    assert result.returncode == 1
    assert "quantity must be from 0 to below" in result.stdout
    assert "(line 5: '-1')" in result.stdout
    assert "54.29" in result.stdout


def test_bad_files_and_missing_options_are_reported(kehu: Kehu, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,date\n")
    result = kehu.run("sales", "publish", str(path))
    assert result.returncode == 1
    assert "the columns are missing: quantity, amount_usd" in result.stderr
    result = kehu.run("demo", "--gateway", "http://127.0.0.1:1")
    assert result.returncode == 2
    assert "--gateway needs --amqp and --admin-password" in result.stderr


def test_publishing_an_orders_file_requires_a_stack(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    result = Kehu(tmp_path / "nothing").run("sales", "publish", str(path))
    assert result.returncode == 1
    assert "no stack is running" in result.stderr
