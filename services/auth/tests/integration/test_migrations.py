"""The migrations make exactly the tables that the models describe."""

from kehu_chassis.runtime import migrate
from kehu_chassis.testing import Harness


def test_models_and_migrations_agree(harness: Harness) -> None:
    migrate.check(harness.service, harness.database)
    assert migrate.reason_not_ready(harness.service, harness.database) is None
