"""The ledger: what must hold after every fault experiment, checked from outside.

G1 to G10 are told in README.md.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from kehu_local import reconcile
from kehu_local.catalogue import DEFINITIONS, SERVICES
from kehu_local.databases import database_name
from kehu_local.psql import Psql
from tests.faults.traffic import CUSTOMERS, OPPORTUNITIES, REQUESTS, Traffic
from tests.support.compose import Installation, docker
from tests.support.stack import eventually

HEAL_SECONDS = 60
MEMORY_SHARE, CONNECTION_SHARE = 0.95, 0.8
UNSETTLED = {
    "unsent": "SELECT count(*) FROM outbox WHERE sent_at IS NULL",
    "retrying": "SELECT count(*) FROM failed_event WHERE state = 'retrying'",
}


class Ledger:
    """One experiment's traffic, and what is checked when it is over."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.traffic = Traffic(installation.stack)
        with self._sessions():
            self._dead_before = self._dead()
            self.since = float(self._ask("auth", "SELECT extract(epoch FROM clock_timestamp())"))

    def check(self, *, dead: Mapping[str, int] | None = None) -> None:
        """Wait until all is quiet, then insist on every invariant; ``dead``: new dead letters."""
        assert not self.traffic.failures, self.traffic.failures
        eventually(self._is_back, within=HEAL_SECONDS, what="G9: every process is back")
        with self._sessions():
            eventually(self._leads, within=HEAL_SECONDS, what="G9: relays and jobs lead")
            eventually(self._is_quiet, within=HEAL_SECONDS, what="G5: nothing waits")
            found = Counter(service for service, _id in self._dead() - self._dead_before)
            assert found == Counter(dead or {}), f"G5: dead letters: {found}"
            self._no_event_is_lost_or_invented()
            self._services_agree()
            self._each_thing_is_there_once()
            self._is_within_limits()
        self._answers_are_the_same_again()
        self.traffic.trespass(0)
        assert not self.traffic.let_in, f"G7: {self.traffic.let_in}"

    @contextmanager
    def _sessions(self) -> Iterator[None]:
        """Connections to all databases."""
        with ExitStack() as stack:
            self._databases = {
                service: stack.enter_context(Psql(self.installation, database_name(service)))
                for service in SERVICES
            }
            yield

    def _ask(self, service: str, question: str) -> str:
        return self._databases[service].ask(question)

    def _rows(self, service: str, columns: str, source: str) -> set[tuple[Any, ...]]:
        question = f"SELECT coalesce(jsonb_agg(jsonb_build_array({columns})), '[]') FROM {source}"
        return {tuple(row) for row in self._databases[service].ask_json(question)}

    def _dead(self) -> set[tuple[str, str]]:
        dead = "failed_event WHERE state = 'dead'"
        return {(s, row[0]) for s in SERVICES for row in self._rows(s, "id", dead)}

    def discard_dead(self) -> list[str]:
        """Discard the dead letters of this experiment; answers the reasons that they tell."""
        admin, reasons = self.installation.admin, []
        with self._sessions():
            new = self._dead() - self._dead_before
        for service, ident in new:
            path = f"/api/v1/{service}/dead-letters/{ident}"
            reasons.append(admin.get(path)["reason"])
            admin.expect(204, "DELETE", path)
        return reasons

    def _is_back(self) -> bool:
        """G9: all run and can be reached, though nobody restarted what the experiment ended."""
        for service, names in self.installation.containers().items():
            if service != "databases" and not service.endswith("-migrate"):
                for name in names:
                    assert self.installation.inspect(name)["State"]["Running"], name
        for service in SERVICES:
            assert self.installation.ready_addresses(service), f"{service} is not reached"
        return True

    def _leads(self) -> bool:
        # One who died a moment ago still holds the lease, but does not renew it every two seconds.
        held = "name IN ('relay', 'jobs') AND expires_at > clock_timestamp() + interval '4 s'"
        for service in SERVICES:
            number = self._ask(service, f"SELECT count(*) FROM lease WHERE {held}")
            assert number == "2", f"{service}: {number} of relay and jobs lead"
        return True

    def _is_quiet(self) -> bool:
        """G5: what waits, by where it waits, and whether anybody will come for it."""
        waiting = {
            f"{service} {what}": int(self._ask(service, question))
            for service in SERVICES
            for what, question in UNSETTLED.items()
        }
        for name, queue in self.installation.queues().items():
            waiting[name] = queue.messages
            assert name == "unrouted" or queue.consumers, f"{name} has no consumer"
        stuck = {what: number for what, number in waiting.items() if number}
        assert not stuck, stuck
        return True

    def _no_event_is_lost_or_invented(self) -> None:
        """G1 and G3: outboxes and inboxes tell the same story."""
        readers = _readers()
        told = self.traffic.told
        columns = "id, type, extract(epoch FROM created_at)"
        rows = [row for service in SERVICES for row in self._rows(service, columns, "outbox")]
        known = told | {row[0] for row in rows}
        for service in SERVICES:
            recent = f"inbox WHERE handled_at >= to_timestamp({self.since})"
            handled = {row[0] for row in self._rows(service, "event_id", recent)}
            due = {
                event_id
                for event_id, kind, created_at in rows
                if service in readers[kind] and created_at >= self.since
            }
            due |= told if service == "customer" else set()
            assert due <= handled, f"G1: {service} has not heard of {len(due - handled)} events"
            assert handled <= known, f"G3: {service} heard of {handled - known}"

    def _services_agree(self) -> None:
        """G1, G2 and G4 by the records, as `kehu reconcile` compares them."""
        found = reconcile.compare(self._databases)
        assert found.agree, f"G4: {[c for c in found.comparisons if c.differs]}"

    def _each_thing_is_there_once(self) -> None:
        """G2 and G6: exactly what was asked for, and what follows from it, once each."""
        word = self.traffic.word
        like = f"LIKE '{word} %'"
        asked = Counter(re.sub(r"/[0-9a-f-]{36}", "", write.path) for write in self.traffic.writes)
        wins, requests = asked[OPPORTUNITIES], asked[REQUESTS]
        wanted = [
            ("marketing", f"opportunity WHERE customer_name {like} AND status = 'won'", wins),
            ("customer", f"customer WHERE name {like}", wins),
            ("reporting", f"opportunity WHERE customer_name {like}", wins),
            ("service-desk", f"service_request WHERE summary {like}", requests),
            ("customer", f"contact WHERE name {like}", asked[f"{CUSTOMERS}/contacts"]),
            ("customer", f"sales_order WHERE order_no LIKE '{word}-%'", len(self.traffic.orders)),
        ]
        for service, source, number in wanted:
            found = int(self._ask(service, f"SELECT count(*) FROM {source}"))
            assert found == number, f"G2: {service} has {found} of {source}, not {number}"

    def _answers_are_the_same_again(self) -> None:
        """G6: the same key gives the same object."""
        for write in self.traffic.writes:
            told = write.answer
            status, again = write.send()
            assert 200 <= status < 300, f"G6: {write.path}: {status} {again}"
            assert again == told, f"G6: {write.path}"

    def _is_within_limits(self) -> None:
        """G8."""
        names = [name for each in self.installation.containers().values() for name in each]
        for state in json.loads(docker("inspect", *names)):
            assert not state["State"]["OOMKilled"], f"G8: {state['Name']} was killed for memory"
        shares = docker("stats", "--no-stream", "--format", "{{.Name}} {{.MemPerc}}", *names)
        found = re.findall(r"^(\S+) ([0-9.]+)%$", shares, re.MULTILINE)
        assert len(found) == len(names), f"G8: nothing is known of all but {found}"
        for name, share in found:
            assert float(share) / 100 < MEMORY_SHARE, f"G8: {name} uses {share} % of its memory"
        used = self._ask(
            "auth",
            "SELECT count(*) / current_setting('max_connections')::float FROM pg_stat_activity",
        )
        assert float(used) < CONNECTION_SHARE, f"G8: {used} of the database connections"


@contextmanager
def under_load(
    installation: Installation, *, dead: Mapping[str, int] | None = None
) -> Iterator[Ledger]:
    """People work while the block does its damage; afterwards everything must hold."""
    ledger = Ledger(installation)
    with ledger.traffic.flowing():
        yield ledger
    ledger.check(dead=dead)


@contextmanager
def with_care(
    installation: Installation, *, dead: Mapping[str, int] | None = None
) -> Iterator[Ledger]:
    """Nothing happens but what the block does; afterwards everything must hold."""
    ledger = Ledger(installation)
    yield ledger
    ledger.check(dead=dead)


def _readers() -> Mapping[str, set[str]]:
    """The services that take each event type, by the bindings of the broker."""
    found: dict[str, set[str]] = {}
    for binding in json.loads(DEFINITIONS.read_text())["bindings"]:
        service = binding["destination"].rpartition(".")[0]
        found.setdefault(binding["routing_key"], set()).add(service)
    return found
