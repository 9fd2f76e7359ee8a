"""Orders bring lost customers back, whenever they arrive: what counts is their day."""

from __future__ import annotations

from typing import Any

import pytest

from kehu_chassis import clock

from .test_warnings import CONFIRM, together

# When an order is dated, and whether it brings back a customer whose cut-off was 1997-12-30.
LATE_ORDERS = [
    ("1997-12-29T23:59:59+08:00", False),
    ("1997-12-29T15:59:59Z", False),
    ("1997-12-29T16:00:00Z", True),
    ("1997-12-30T00:00:00+08:00", True),
    ("1997-12-30", True),
    ("1998-02-01", True),
    ("today", True),
]


@pytest.mark.parametrize(("ordered_at", "back"), LATE_ORDERS)
@pytest.mark.parametrize("waiting", [False, True])
def test_an_order_from_the_cut_off_on_brings_a_lost_customer_back_whenever_it_arrives(
    world: Any, customer: dict[str, Any], path: str, ordered_at: str, back: bool, waiting: bool
) -> None:
    moment = clock.today().isoformat() if ordered_at == "today" else ordered_at
    if waiting:  # under a code that is linked only after the loss
        world.order("E-2", moment)
    client = world.as_(world.manager)
    client.post(f"{path}/reprieves", {"measure": "Called"}, 201)
    client.post(f"{path}/confirm", CONFIRM)
    if waiting:
        world.announce("E-2", customer["name"])
    else:
        world.order("E", moment)
    assert world.get(customer)["status"] == ("normal" if back else "lost")
    assert len(world.events("customer-reactivated")) == int(back)
    [loss] = client.get(f"/customers/{customer['id']}/losses")["items"]
    assert loss["reactivation_cause"] == ("order" if back else None)


def test_a_second_loss_has_a_cut_off_of_its_own(
    world: Any, customer: dict[str, Any], path: str
) -> None:
    client = world.as_(world.manager)
    client.post(f"{path}/reprieves", {"measure": "Called"}, 201)
    client.post(f"{path}/confirm", CONFIRM)
    world.order("E", "1998-02-01")
    world.scan("2020-06-30")
    [again] = world.warnings(query=f"?customer_id={customer['id']}&state=open")
    client.post(f"/churn-warnings/{again['id']}/reprieves", {"measure": "Called"}, 201)
    client.post(f"/churn-warnings/{again['id']}/confirm", CONFIRM)
    world.order("E", "1999-01-01")
    assert world.get(customer)["status"] == "lost"
    world.order("E", "2019-12-30")
    assert world.get(customer)["status"] == "normal"


def test_an_order_and_the_confirmation_at_once_leave_the_customer_normal(
    world: Any, customer: dict[str, Any], path: str
) -> None:
    client = world.as_(world.manager)
    client.post(f"{path}/reprieves", {"measure": "Called"}, 201)
    together(
        lambda: world.order("E", "1998-02-01"),
        lambda: client.request("POST", f"{path}/confirm", CONFIRM),
    )
    assert world.get(customer)["status"] == "normal"
