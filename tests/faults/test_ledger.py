"""The ledger itself: it fails if anything is lost, doubled or invented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.faults.ledger import Ledger, checked
from tests.support.compose import Installation


class Damage(NamedTuple):
    """SQL that damages a service's rows, SQL that repairs them, and the ledger's message."""

    database: str
    damage: str
    repair: str
    message: str


def _removed(database: str, table: str, condition: str, message: str) -> Damage:
    return Damage(
        database,
        f"CREATE TABLE kept AS SELECT * FROM {table} WHERE {condition};"
        f" DELETE FROM {table} WHERE {condition}",
        f"INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept",
        message,
    )


def _doubled(database: str, table: str, condition: str, message: str, **other: str) -> Damage:
    """A copy with another id, as if the work was done twice."""
    changes = "".join(f", '{name}', '{value}'" for name, value in other.items())
    return Damage(
        database,
        "CREATE TABLE made AS SELECT gen_random_uuid() AS id;"
        f" INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('id', made.id"
        f"{changes}))).* FROM {table} t, made WHERE {condition} LIMIT 1",
        f"DELETE FROM {table} USING made WHERE {table}.id = made.id; DROP TABLE made",
        message,
    )


def _changed(database: str, table: str, condition: str, column: str, message: str) -> Damage:
    less, more = (
        f"UPDATE {table} SET {column} = {column} {sign} 1 WHERE {condition}" for sign in "-+"
    )
    return Damage(database, less, more, message)


DAMAGES = {
    "an event is not handled": _removed(
        "kehu_customer", "inbox", "event_id = '{event}'", "G1: customer"
    ),
    "an effect is missing": _removed(
        "kehu_service_desk", "notification", "recipient_id = '{manager}'", "G2: service-desk"
    ),
    "an effect is doubled": _doubled(
        "kehu_service_desk", "notification", "recipient_id = '{manager}'", "G2: service-desk",
        key="twice",
    ),
    "an order is doubled": _doubled(
        "kehu_reporting", "sale", "number = '{tag}-1'", "G4"
    ),
    "an audit entry is missing": _removed(
        "kehu_auth", "audit_entry", "actor_id = '{manager}' AND record_type = 'contact'", "G2: auth"
    ),
    "a figure is wrong": _changed(
        "kehu_reporting", "sale", "number = '{tag}-1'", "amount",
        "G2: the contribution of a period",
    ),
    "a sum is wrong": _changed(
        "kehu_reporting", "sale_sum",
        "customer_id = (SELECT customer_id FROM sale WHERE number = '{tag}-1')", "ordered",
        "G2: the contribution of all time",
    ),
    "an event was never sent": Damage(
        "kehu_customer",
        "INSERT INTO inbox SELECT (jsonb_populate_record(i, '{\"event_id\": \"invented\"}')).*"
        " FROM inbox i LIMIT 1",
        "DELETE FROM inbox WHERE event_id = 'invented'",
        "G3: customer handled {'invented'}",
    ),
    "a replica is behind": _changed(
        "kehu_reporting", "opportunity", "customer_name = '{tag} 1'", "version", "G4"
    ),
    "an event is a dead letter": Damage(
        "kehu_customer",
        "INSERT INTO failed_event (id, handler, source, event_id, type, body, attempts, reason,"
        " state, created_at, updated_at) VALUES (gen_random_uuid(), 'x', 'x', 'made up', 'x', '',"
        " 1, 'x', 'dead', now(), now())",
        "DELETE FROM failed_event WHERE event_id = 'made up'",
        "G5: dead letters",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def ledger(containers: Installation) -> Iterator[Ledger]:
    """A ledger after one round of each work."""
    with checked(containers) as made:
        for work in (made.traffic.win, made.traffic.serve, made.traffic.sell):
            work(1)
        yield made


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_is_detected(ledger: Ledger, what: str) -> None:
    traffic, installation = ledger.traffic, ledger.installation
    known = {"{manager}": traffic.manager.user["id"], "{tag}": traffic.tag}
    known["{event}"] = installation.sql(
        "kehu_marketing",
        "SELECT e.id FROM outbox e JOIN opportunity o ON e.subject = o.id::text"
        f" WHERE e.type = 'marketing.opportunity-won.v1' AND o.customer_name = '{traffic.tag} 1'",
    )
    damage = DAMAGES[what]

    def with_names(statement: str) -> str:
        for name, value in known.items():
            statement = statement.replace(name, value)
        return statement

    installation.sql(damage.database, with_names(damage.damage))
    try:
        with pytest.raises(AssertionError) as noticed:
            ledger.check()
    finally:
        installation.sql(damage.database, with_names(damage.repair))
    assert damage.message in str(noticed.value)


def test_a_changed_response_is_detected(ledger: Ledger) -> None:
    write = ledger.traffic.writes[-1]
    original = write.response
    write.response = original | {"id": "another"}
    try:
        with pytest.raises(AssertionError, match="G6"):
            ledger.check()
    finally:
        write.response = original


def test_a_wrongly_permitted_request_is_detected(ledger: Ledger) -> None:
    """The list of forbidden paths contains a permitted one."""
    ledger.traffic.private.append("/api/v1/auth/me")
    try:
        with pytest.raises(AssertionError, match="G7"):
            ledger.check()
    finally:
        ledger.traffic.private.remove("/api/v1/auth/me")
        ledger.traffic.wrongly_permitted.clear()


def test_too_many_unacknowledged_messages_are_detected(ledger: Ledger) -> None:
    ledger.peaks.unacked["customer.events"] += 100_000
    try:
        with pytest.raises(AssertionError, match="G8"):
            ledger.check()
    finally:
        ledger.peaks.unacked["customer.events"] -= 100_000
