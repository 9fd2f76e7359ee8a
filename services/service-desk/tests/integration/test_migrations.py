"""The migrations make exactly the tables that the models describe."""

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import select

from kehu_chassis import clock
from kehu_chassis.messaging.failures import FailedEvent
from kehu_chassis.runtime import migrate
from kehu_chassis.testing import Harness

FORMER = {
    "directory.person_changed",
    "directory.department_changed",
    "directory.department_deleted",
    "preferences.setting_changed",
    "features.customers.consumers.customer_deleted",
}


def test_models_and_migrations_agree(harness: Harness) -> None:
    migrate.check(harness.service, harness.database)
    assert migrate.reason_not_ready(harness.service, harness.database) is None


def test_failed_events_find_their_renamed_handlers(harness: Harness) -> None:
    with harness.session() as session:
        for handler in FORMER:
            session.add(
                FailedEvent(
                    handler=handler,
                    source="/kehu/auth",
                    event_id="1",
                    type="x",
                    body=b"",
                    attempts=1,
                    reason="x",
                    state="dead",
                    created_at=clock.now(),
                    updated_at=clock.now(),
                )  # fmt: skip
            )
    script = ScriptDirectory(str(harness.service.migrations)).get_revision("0002")
    with (
        harness.database.engine.begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
    ):
        script.module.upgrade()
    with harness.session() as session:
        renamed = set(session.scalars(select(FailedEvent.handler)))
    assert len(renamed) == len(FORMER)
    assert renamed <= {on.name for on in harness.service.subscriptions()}
