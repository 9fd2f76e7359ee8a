"""Scans: who gets a warning, once, despite repetitions and interruptions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import text

from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM
from kehu_customer.features.churn import service
from kehu_customer.features.churn.service import scans

AS_OF = "1998-06-30"


def _set(world: Any, key: str, value: Any) -> None:
    world.harness.deliver("auth.setting-changed.v1", {"key": key, "value": value})


def test_the_cut_off_is_strict(world: Any) -> None:
    late, early = world.customer(sales_codes=["L"]), world.customer(sales_codes=["E"])
    world.order("L", "1997-12-30")
    world.order("E", "1997-12-29T23:59:59+08:00")
    scan = world.scan(AS_OF)
    assert (scan["customers_looked_at"], scan["warnings_opened"]) == (2, 1)
    warning = world.warned(early)
    assert (warning["kind"], warning["last_order_on"], warning["cut_off_on"]) == (
        "inactive",
        "1997-12-29",
        "1997-12-30",
    )
    assert warning["manager_id"] == str(world.manager.id)
    assert world.warnings(query=f"?customer_id={late['id']}") == []
    [warned] = world.events("churn-warned")
    assert (warned["customer_number"], warned["scan_id"]) == (early["number"], scan["id"])
    [state] = world.events("churn-warning-changed")
    assert warned == state | {"scan_id": scan["id"]}
    [entry] = [e for e in world.events("audit-recorded") if e["action"] == "scanned"]
    assert (entry["record_type"], entry["record_id"]) == ("churn_scan", scan["id"])
    assert {c["field"]: c["new"] for c in entry["changes"]} == {
        "customers_looked_at": 2,
        "warnings_opened": 1,
    }


def test_running_twice_makes_no_second_warning(world: Any) -> None:
    world.customer(sales_codes=["E"])
    world.order("E", "1997-01-01")
    assert world.scan(AS_OF)["warnings_opened"] == 1
    assert world.scan(AS_OF)["warnings_opened"] == 0
    assert world.scan("2026-01-01")["warnings_opened"] == 0
    assert len(world.events("churn-warned")) == 1


def test_cancelled_orders_and_later_ones_do_not_count(world: Any) -> None:
    customer = world.customer(sales_codes=["E"])
    world.order("E", "1997-06-01")
    world.order("E", "1998-05-01", status=4, kind="cancelled")
    world.order("E", "1998-07-01")
    world.scan(AS_OF)
    assert world.warned(customer)["last_order_on"] == "1997-06-01"


def test_customers_younger_than_the_cut_off_get_no_warning(world: Any) -> None:
    world.customer(sales_codes=["E"])
    world.order("E", "1998-07-01")
    world.customer()
    assert world.scan(AS_OF)["warnings_opened"] == 0


def test_never_ordered_excepts_prospects(world: Any) -> None:
    waiting = world.customer()
    world.customer(is_prospect=True)
    assert world.scan(clock.today())["warnings_opened"] == 0
    assert world.scan_later()["warnings_opened"] == 1
    warning = world.warned(waiting)
    assert (warning["kind"], warning["last_order_on"]) == ("never_ordered", None)


def test_lost_customers_are_not_scanned(world: Any) -> None:
    customer = world.customer(sales_codes=["E"])
    world.order("E", "1997-01-01")
    world.scan(AS_OF)
    client, warning = world.as_(world.manager), world.warned(customer)
    client.post(f"/churn-warnings/{warning['id']}/reprieves", {"measure": "Called"}, 201)
    client.post(f"/churn-warnings/{warning['id']}/confirm", {"reason_code": "price", "reason": "x"})
    assert world.scan("2026-01-01")["customers_looked_at"] == 0


@pytest.mark.parametrize(
    ("setting", "fields", "warned"),
    [
        (None, {}, True),
        (("churn_months", 24), {}, False),
        (("churn_months_by_level", {"key_account": 24}), {}, False),
        (("churn_months_by_level", {"key_account": 24}), {"churn_months": 3}, True),
        (None, {"churn_months": 24}, False),
    ],
)
def test_months_are_set_for_all_for_a_level_or_for_a_customer(
    world: Any, setting: Any, fields: dict[str, Any], warned: bool
) -> None:
    if setting:
        _set(world, *setting)
    world.customer(sales_codes=["E"], **fields)
    world.order("E", "1997-06-01")
    assert world.scan(AS_OF)["warnings_opened"] == int(warned)


def test_all_directors_see_warnings_of_customers_without_manager(world: Any) -> None:
    for number in range(3):
        world.announce(f"C-{number}", f"N {number}")
        world.order(f"C-{number}", "1997-01-01")
    assert world.scan(AS_OF)["without_manager"] == 3
    assert len(world.warnings(world.director)) == 3
    assert len(world.warnings(world.other_director)) == 3
    assert world.warnings(world.manager) == []


def test_an_interrupted_scan_resumes_where_it_stopped(world: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(scans, "BATCH", 2)
    for number in range(5):
        world.customer(sales_codes=[f"C-{number}"])
        world.order(f"C-{number}", "1997-01-01")
    database = world.harness.database
    requested = database.run(SYSTEM, lambda s: service.request_scan(s, as_of=date(1998, 6, 30)))
    assert database.run(SYSTEM, lambda s: service.step(s, requested.id))

    def die(session: Any) -> None:
        service.step(session, requested.id)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        database.run(SYSTEM, die)
    assert len(world.warnings()) == 2
    world.harness.run_job("churn-scan-requests")
    shown = world.as_(world.admin).get(f"/churn-scans/{requested.id}")
    assert (shown["state"], shown["customers_looked_at"], shown["warnings_opened"]) == (
        "done",
        5,
        5,
    )
    assert len(world.events("churn-warned")) == 5


def test_the_weekly_scan_runs_once_for_a_week_and_is_caught_up(world: Any) -> None:
    shanghai = ZoneInfo("Asia/Shanghai")

    def at(*moment: int) -> time_machine.travel:
        return time_machine.travel(datetime(*moment, tzinfo=shanghai), tick=False)  # type: ignore[misc]

    def runs() -> list[tuple[str, str]]:
        with world.harness.session() as session:
            found = session.execute(text("SELECT run_key, as_of FROM churn_scan ORDER BY id"))
            return [(row.run_key, row.as_of.isoformat()) for row in found]

    with at(2026, 11, 18, 12):
        world.harness.run_due_jobs()  # first seen on a Wednesday: no scan of earlier weeks
    assert runs() == []
    with at(2026, 11, 21, 1, 59):
        world.harness.run_due_jobs()
    assert runs() == []
    for moment in ((2026, 11, 21, 2, 0), (2026, 11, 21, 2, 1), (2026, 11, 22, 9)):
        with at(*moment):
            world.harness.run_due_jobs()
    assert runs() == [("2026-W47", "2026-11-21")]
    with at(2026, 12, 1, 8):
        world.harness.run_due_jobs()  # Saturday's was missed: as of the day it is caught up
    assert runs()[1:] == [("2026-W48", "2026-12-01")]


def test_only_administrators_request_scans(world: Any) -> None:
    for user in (world.manager, world.director, world.executive):
        world.as_(user).post("/churn-scans", {}, 403)
        world.as_(user).get("/churn-scans", 403)
    admin = world.as_(world.admin)
    for wrong in ({"as_of": "x"}, {"as_of": "1899-12-31"}, {"as_of": "9999-12-31"}, {"x": 1}):
        admin.post("/churn-scans", wrong, 422)
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    refused = admin.post("/churn-scans", {"as_of": tomorrow}, 422)
    assert refused["errors"][0] | {"detail": ""} == {
        "pointer": "/as_of", "code": "in-the-future", "params": {}, "detail": "",
    }  # fmt: skip
    requested = admin.post("/churn-scans", {}, 202)
    assert (requested["state"], requested["as_of"]) == ("queued", clock.today().isoformat())
    [listed] = admin.get("/churn-scans?state=queued")["items"]
    assert listed["id"] == requested["id"]
