"""The migrations make exactly the tables that the models describe."""

from alembic.script import ScriptDirectory
from sqlalchemy import select

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
