"""The migrations make exactly the tables that the models describe, from those of each release."""

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

import pytest
from alembic import command
from sqlalchemy import text

from kehu_chassis.data.database import Database, new_id
from kehu_chassis.records.commit import open_database
from kehu_chassis.runtime import migrate
from kehu_chassis.testing import Harness
from kehu_chassis.testing.databases import Databases

FAILED = text("""
    INSERT INTO failed_event (
        id, handler, source, event_id, type, body, attempts, reason, state, created_at, updated_at)
    VALUES (:id, :handler, 'x', :handler, 'x', '', 1, 'x', 'dead', now(), now())
""")


@pytest.fixture
def first_release(databases: Databases, harness: Harness) -> Iterator[Database]:
    """A database as the first release left it."""
    url = databases.empty()
    database = open_database(
        url, service="marketing", pool=4, application="migrate", contracts=harness.contracts
    )
    with database.engine.begin() as connection:
        command.upgrade(migrate._config(harness.service, connection), "0001")
    yield database
    database.dispose()
    databases.release(url)


def test_models_and_migrations_agree(harness: Harness) -> None:
    migrate.check(harness.service, harness.database)
    assert migrate.reason_not_ready(harness.service, harness.database) is None


def test_stages_of_the_first_release_become_records(
    harness: Harness, first_release: Database
) -> None:
    with first_release.engine.begin() as connection:
        connection.execute(text("UPDATE stage SET label_en = 'Quote' WHERE code = 'proposal'"))
        connection.execute(text("INSERT INTO stage VALUES ('trial', 10, 'open', 5, '试用', 'T')"))
    migrate.upgrade(harness.service, first_release)
    with first_release.engine.connect() as connection:
        rows = connection.execute(text("SELECT id, code, version, label_en FROM stage")).all()
        published = connection.scalar(text("SELECT count(*) FROM outbox"))
    namespace = uuid5(NAMESPACE_URL, "urn:kehu:stage")
    assert {row.id for row in rows} == {uuid5(namespace, row.code) for row in rows}
    assert {row.version for row in rows} == {1}
    assert {"Quote", "T"} <= {row.label_en for row in rows}
    assert published == len(rows) == 10


def test_failed_events_follow_their_handlers_to_new_names(
    harness: Harness, first_release: Database
) -> None:
    old = {
        "features.customers.consumers.customer_changed", "directory.person_changed",
        "features.opportunities.consumers.customer_known",
    }  # fmt: skip
    with first_release.engine.begin() as connection:
        for handler in old:
            connection.execute(FAILED, {"id": new_id(), "handler": handler})
    migrate.upgrade(harness.service, first_release)
    with first_release.engine.connect() as connection:
        now = set(connection.scalars(text("SELECT handler FROM failed_event")))
    assert now == {
        "replica.customer_ref", "replica.directory_person",
        "features.opportunities.consumers.customer_known",
    }  # fmt: skip
    assert now <= {on.name for on in harness.service.subscriptions()}
