"""Directors are notified of warnings without measure, managers of due reviews; once each."""

from datetime import timedelta
from typing import Any

import time_machine

from kehu_chassis import clock


def _remind_in(world: Any, **time: int) -> Any:
    with time_machine.travel(clock.now() + timedelta(**time), tick=False):
        return world.harness.run_job("churn-measures")


def test_a_warning_without_measure_for_seven_days_is_reported_once(world: Any) -> None:
    customer = world.customer(sales_codes=["E"])
    world.order("E", "1997-06-01")
    world.scan(clock.today())
    due = clock.local_day(clock.now() + timedelta(days=7))
    assert world.warned(customer)["measure_due_on"] == due.isoformat()
    assert _remind_in(world, days=6, hours=23) == {"unattended": 0, "reviews": 0}
    assert _remind_in(world, days=7, minutes=1)["unattended"] == 1
    assert _remind_in(world, days=8)["unattended"] == 0
    [event] = world.events("churn-warning-unattended")
    assert event["customer_id"] == customer["id"]
    assert event["manager_id"] == str(world.manager.id)
    # A client that read the warning before may still act on it.
    assert world.warned(customer)["version"] == 1


def test_a_warning_with_a_measure_is_attended_and_reviewed(world: Any) -> None:
    customer = world.customer(sales_codes=["E"])
    world.order("E", "1997-06-01")
    world.scan(clock.today())
    path = f"/churn-warnings/{world.warned(customer)['id']}/reprieves"
    attended = world.as_(world.manager).post(path, {"measure": "Called"}, 201)
    assert attended["measure_due_on"] is None
    assert _remind_in(world, days=10) == {"unattended": 0, "reviews": 0}
    assert _remind_in(world, days=31) == {"unattended": 0, "reviews": 1}
    assert _remind_in(world, days=32) == {"unattended": 0, "reviews": 0}
    assert world.warned(customer)["version"] == 2
    reviews = [n for n in world.events("notice-raised") if n["kind"] == "churn-review-due"]
    assert [notice["recipients"] for notice in reviews] == [[str(world.manager.id)]]
    with time_machine.travel(clock.now() + timedelta(days=33), tick=False):
        body = {"measure": "Visited", "next_review_on": clock.today().isoformat()}
        # The token is made within the time travel, so that it is still valid there.
        world.as_(world.manager).post(path, body, 201)
        assert world.harness.run_job("churn-measures") == {"unattended": 0, "reviews": 1}
