"""The ledger itself: it holds in calm, and turns red when anything is lost, doubled or invented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.faults.ledger import Ledger, with_care
from tests.support.compose import Installation


class Damage(NamedTuple):
    """What is done to a service's rows, how it is undone, and what the ledger says of it."""

    database: str
    done: str
    undone: str
    said: str


def _removed(database: str, table: str, condition: str, said: str) -> Damage:
    return Damage(
        database,
        f"CREATE TABLE kept AS SELECT * FROM {table} WHERE {condition};"
        f" DELETE FROM {table} WHERE {condition}",
        f"INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept",
        said,
    )


def _doubled(database: str, table: str, condition: str, said: str, **other: str) -> Damage:
    """Under another id, as whatever is done twice has."""
    changes = "".join(f", '{name}', '{value}'" for name, value in other.items())
    return Damage(
        database,
        "CREATE TABLE made AS SELECT gen_random_uuid() AS id;"
        f" INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('id', made.id"
        f"{changes}))).* FROM {table} t, made WHERE {condition} LIMIT 1",
        f"DELETE FROM {table} USING made WHERE {table}.id = made.id; DROP TABLE made",
        said,
    )


def _changed(database: str, table: str, condition: str, column: str, said: str) -> Damage:
    less, more = (
        f"UPDATE {table} SET {column} = {column} {sign} 1 WHERE {condition}" for sign in "-+"
    )
    return Damage(database, less, more, said)


DAMAGES = {
    "an event that was not handled": _removed(
        "kehu_customer", "inbox", "event_id = '{event}'", "G1: customer"
    ),
    "an effect that is missing": _removed(
        "kehu_service_desk", "notification", "recipient_id = '{manager}'", "G2: service-desk"
    ),
    "an effect that is there twice": _doubled(
        "kehu_service_desk", "notification", "recipient_id = '{manager}'", "G2: service-desk",
        key="twice",
    ),
    "an order that is there twice": _doubled(
        "kehu_reporting", "sale", "number = '{word}-1'", "G4"
    ),
    "an entry of the audit trail that is missing": _removed(
        "kehu_auth", "audit_entry", "actor_id = '{manager}' AND record_type = 'contact'", "G2: auth"
    ),
    "a figure that is wrong": _changed(
        "kehu_reporting", "sale", "number = '{word}-1'", "amount", "G2: the contribution says"
    ),
    "an event that nobody sent": Damage(
        "kehu_customer",
        "INSERT INTO inbox SELECT (jsonb_populate_record(i, '{\"event_id\": \"invented\"}')).*"
        " FROM inbox i LIMIT 1",
        "DELETE FROM inbox WHERE event_id = 'invented'",
        "G3: customer heard of {'invented'}",
    ),
    "a replica that is behind": _changed(
        "kehu_reporting", "opportunity", "customer_name = '{word} 1'", "version", "G4"
    ),
    "a dead letter": Damage(
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
    """Of a day on which one of each thing was done."""
    with with_care(containers) as made:
        for work in (made.traffic.win, made.traffic.serve, made.traffic.sell):
            work(1)
        yield made


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_is_noticed(ledger: Ledger, what: str) -> None:
    traffic, installation = ledger.traffic, ledger.installation
    known = {"{manager}": traffic.manager.user["id"], "{word}": traffic.word}
    known["{event}"] = installation.sql(
        "kehu_marketing",
        "SELECT e.id FROM outbox e JOIN opportunity o ON e.subject = o.id::text"
        f" WHERE e.type = 'marketing.opportunity-won.v1' AND o.customer_name = '{traffic.word} 1'",
    )
    damage = DAMAGES[what]

    def with_names(statement: str) -> str:
        for name, value in known.items():
            statement = statement.replace(name, value)
        return statement

    installation.sql(damage.database, with_names(damage.done))
    try:
        with pytest.raises(AssertionError) as noticed:
            ledger.check()
    finally:
        installation.sql(damage.database, with_names(damage.undone))
    assert damage.said in str(noticed.value)


def test_a_broken_promise_is_noticed(ledger: Ledger) -> None:
    write = ledger.traffic.writes[-1]
    told = write.answer
    write.answer = told | {"id": "another"}
    try:
        with pytest.raises(AssertionError, match="G6"):
            ledger.check()
    finally:
        write.answer = told


def test_an_open_door_is_noticed(ledger: Ledger) -> None:
    """The list of what they may not see names something that they may."""
    ledger.traffic.private.append("/api/v1/auth/me")
    try:
        with pytest.raises(AssertionError, match="G7"):
            ledger.check()
    finally:
        ledger.traffic.private.remove("/api/v1/auth/me")
        ledger.traffic.let_in.clear()


def test_too_much_at_once_is_noticed(ledger: Ledger) -> None:
    ledger.peaks.unacked["customer.events"] += 100_000
    try:
        with pytest.raises(AssertionError, match="G8"):
            ledger.check()
    finally:
        ledger.peaks.unacked["customer.events"] -= 100_000
