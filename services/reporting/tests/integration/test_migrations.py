"""The migrations make exactly the tables that the models describe."""

from alembic.script import ScriptDirectory

from kehu_chassis.runtime import migrate
from kehu_chassis.testing import Harness


def test_models_and_migrations_agree(harness: Harness) -> None:
    migrate.check(harness.service, harness.database)
    assert migrate.reason_not_ready(harness.service, harness.database) is None


def test_handlers_are_renamed_to_existing_ones(harness: Harness) -> None:
    scripts = ScriptDirectory(str(harness.service.migrations))
    new = set(scripts.get_revision("0002").module.HANDLERS.values())
    assert new <= {on.name for on in harness.service.subscriptions()}
