"""`kehu up` in the foreground: handles the public orders, then is stopped by Ctrl-C."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from kehu_cli.catalogue import ROOT
from kehu_cli.demo.client import GatewayClient, Person
from kehu_cli.demo.waiting import wait_for, wait_until
from kehu_cli.stack import leftovers, supervisor
from kehu_cli.stack.state import State
from kehu_cli.stack.supervisor import running_stack
from tests.support.kehu import Kehu, RunningCommand, own_port
from tests.support.stack import state_folder

ORDERS = ROOT.parent / "shared" / "data" / "cdnow" / "cdnow_sample.csv"


@pytest.fixture(scope="module")
def kehu() -> Iterator[Kehu]:
    """A state directory."""
    with state_folder() as folder:
        command = Kehu(folder)
        yield command
        command.run("down")


@pytest.fixture(scope="module")
def up(kehu: Kehu) -> Iterator[RunningCommand]:
    """An empty stack in the foreground."""
    with kehu.start("up", "--no-console", *own_port()) as running:
        running.wait_for("Ctrl-C stops it")
        yield running


@pytest.mark.skipif(not ORDERS.exists(), reason="the public data sets are not beside this checkout")
def test_the_public_orders_take_effect_exactly_once(kehu: Kehu, up: RunningCommand) -> None:
    result = kehu.run("sales", "publish", str(ORDERS))
    assert result.returncode == 0, result.stdout + result.stderr
    stack = running_stack(kehu.folder)
    gateway = GatewayClient(stack.gateway_url)
    admin = Person(gateway, stack.admin_username, stack.admin_password)
    reader = {"username": "eve", "display_name": "Eve", "password": "reads everything"}
    admin.post("/auth/users", {**reader, "must_change_password": False, "roles": ["executive"]})
    executive = Person(gateway, "eve", reader["password"])
    assert executive.total("/customer/customers") == 2357

    def reported() -> int:
        totals = executive.get("/reporting/customer-contribution", limit=1)["totals"]
        return sum(total["orders"] for total in totals)

    assert wait_for(reported, 6919) == 6919
    (total,) = executive.get("/reporting/customer-contribution", limit=1)["totals"]
    assert (total["currency"], Decimal(total["amount"])) == ("USD", Decimal("244091.94"))

    started = admin.post("/customer/churn-scans", {"as_of": "1998-06-30"})
    scan = f"/customer/churn-scans/{started['id']}"
    wait_until("the scan is done", lambda: admin.get(scan)["state"] == "done")
    assert admin.get(scan)["warnings_opened"] == 1840
    assert executive.total("/customer/churn-warnings", kind="inactive") == 1840


def test_ctrl_c_stops_everything(kehu: Kehu, up: RunningCommand) -> None:
    assert supervisor.is_running(State(kehu.folder))
    up.interrupt()
    assert up.end() == 0, up.text()
    assert "everything stopped" in up.text()
    assert not supervisor.is_running(State(kehu.folder))
    assert leftovers.find(kehu.folder) == []
