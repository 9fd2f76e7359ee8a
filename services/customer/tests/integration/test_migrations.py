"""The migrations make exactly the tables that the models describe."""

from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from kehu_chassis import clock
from kehu_chassis.data import tables
from kehu_chassis.messaging.failures import FailedEvent
from kehu_chassis.runtime import migrate
from kehu_chassis.testing import Harness

CHASSIS_HANDLERS = [
    "directory.person_changed",
    "directory.department_changed",
    "directory.department_deleted",
    "preferences.setting_changed",
]


def test_models_and_migrations_agree(harness: Harness) -> None:
    migrate.check(harness.service, harness.database)
    assert migrate.reason_not_ready(harness.service, harness.database) is None


def test_failed_events_find_their_renamed_handlers(harness: Harness) -> None:
    scripts = ScriptDirectory(str(harness.service.migrations))
    names = scripts.get_revision("0002").module.HANDLERS
    former = [*names, *CHASSIS_HANDLERS]
    with harness.session() as session:
        session.add_all(_failed(handler) for handler in former)
        session.flush()
        tables.rename_handlers(session, names)
        present = session.scalars(select(FailedEvent.handler)).all()
    assert len(present) == len(former)
    assert set(present) <= {on.name for on in harness.service.subscriptions()}


def _failed(handler: str) -> FailedEvent:
    moment = clock.now()
    return FailedEvent(
        handler=handler, source="/kehu/sales", event_id="1", type="sales.stock-changed.v1",
        body=b"{}", attempts=1, reason="", state="dead", created_at=moment, updated_at=moment,
    )  # fmt: skip


def test_registration_keys_of_existing_customers_are_filled_and_may_clash(world: Any) -> None:
    numbers = {"A": "R-1", "B": " ｒ 1", "C": "--", "D": None, "E": "京工商 12"}
    for name, number in numbers.items():
        world.customer(name=name, registration_no=number, allow_duplicate=True)
    scripts = ScriptDirectory(str(world.harness.service.migrations))
    keys = text("SELECT name, registration_key FROM customer ORDER BY name")
    with world.harness.session() as session:
        before = session.execute(keys).all()
        session.execute(text("UPDATE customer SET registration_key = NULL"))
        scripts.get_revision("0005").module.fill_keys(session.connection())
        after = session.execute(keys).all()
    assert [row.registration_key for row in after] == ["r1", "r1", None, None, "京工商12"]
    assert after == before


def test_a_customer_that_has_no_key_yet_is_found_by_its_number(world: Any) -> None:
    made = world.customer(name="Acme", registration_no="R-1")
    with world.harness.session() as session:
        session.execute(text("UPDATE customer SET registration_key = NULL"))
    world.win("Other", registration_no="R-1")
    world.win("Acme", registration_no="R-2")
    assert [event["id"] for event in world.events("customer-linked")] == [made["id"]]
    assert len(world.customers()) == 2
