"""The ledger: the invariants after every fault experiment, checked from outside.

README.md defines G1 to G10.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from kehu_cli.catalogue import DEFINITIONS, SERVICES
from kehu_cli.operations import reconcile
from kehu_cli.operations.containers import Containers
from kehu_cli.operations.psql import Psql
from kehu_cli.stack.databases import database_name
from tests.faults.peaks import Peaks
from tests.faults.traffic import CUSTOMERS, OPPORTUNITIES, REQUESTS, Traffic
from tests.support.compose import Installation, docker
from tests.support.stack import eventually

HEAL_SECONDS = 60
MEMORY_SHARE, CONNECTION_SHARE = 0.95, 0.8
# The prefetch of a consumer is 200; no experiment runs more than three consumers of a service.
UNACKED = 3 * 200
# The limit of all databases per write: rows, indexes, events, inboxes, the audit trail; and for
# each event that the experiment sends again: two versions of its row.
DISK_BYTES, DISK_BYTES_PER_WRITE, BROKER_BYTES = 48 << 20, 128 << 10, 512 << 20
DISK_BYTES_PER_EVENT = 4 << 10
REPORTS = "/api/v1/reporting"
UNSETTLED = {
    "unsent": "SELECT count(*) FROM outbox WHERE sent_at IS NULL",
    "retrying": "SELECT count(*) FROM failed_event WHERE state = 'retrying'",
}


class Ledger:
    """The traffic of an experiment, and the checks after it."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.traffic = Traffic(installation.stack)
        self.peaks = Peaks(installation)
        self.sent_again = 0  # events
        with self._sessions():
            eventually(self._is_settled, within=HEAL_SECONDS, what="nothing is pending")
            self._dead_before = self._dead()
            newest = "SELECT coalesce(max(position), 0) FROM outbox"
            self._positions_before = {s: int(self._query(s, newest)) for s in SERVICES}
            self._handled_before = {s: self._handled(s) for s in SERVICES}
            self._disk_before = self._disk()

    def check(self, *, dead: Mapping[str, int] | None = None) -> None:
        """Wait until nothing is pending, then check all invariants; ``dead``: new dead letters."""
        assert not self.traffic.failures, self.traffic.failures
        eventually(self._is_back, within=HEAL_SECONDS, what="G9: every process is back")
        with self._sessions():
            eventually(self._leads, within=HEAL_SECONDS, what="G9: relays and jobs lead")
            eventually(self._is_settled, within=HEAL_SECONDS, what="G5: nothing is pending")
            found = Counter(service for service, _id in self._dead() - self._dead_before)
            assert found == Counter(dead or {}), f"G5: dead letters: {found}"
            self._check_events()
            self._check_replicas()
            self._check_records()
            self._check_notifications_and_audit()
            self._check_reports()
            self._check_limits()
        self._check_responses()
        self.traffic.try_forbidden(0)
        assert not self.traffic.wrongly_permitted, f"G7: {self.traffic.wrongly_permitted}"

    @contextmanager
    def _sessions(self) -> Iterator[None]:
        """Connections to all databases."""
        with ExitStack() as stack:
            self._databases = {
                service: stack.enter_context(Psql(self.installation, database_name(service)))
                for service in SERVICES
            }
            yield

    def _query(self, service: str, query: str) -> str:
        return self._databases[service].scalar(query)

    def _rows(self, service: str, columns: str, source: str) -> set[tuple[Any, ...]]:
        query = f"SELECT coalesce(jsonb_agg(jsonb_build_array({columns})), '[]') FROM {source}"
        return {tuple(row) for row in self._databases[service].scalar_json(query)}

    def _dead(self) -> set[tuple[str, str]]:
        dead = "failed_event WHERE state = 'dead'"
        return {(s, row[0]) for s in SERVICES for row in self._rows(s, "id", dead)}

    def discard_dead(self) -> list[str]:
        """Discard the dead letters of this experiment; returns their reasons."""
        admin, reasons = self.installation.admin, []
        with self._sessions():
            new = self._dead() - self._dead_before
        for service, ident in new:
            path = f"/api/v1/{service}/dead-letters/{ident}"
            reasons.append(admin.get(path)["reason"])
            admin.expect(204, "DELETE", path)
        return reasons

    def _is_back(self) -> bool:
        """G9: all processes run and are reachable, without a restart by the test."""
        found = self.installation.containers()
        ended = {"databases", *(f"{service}-migrate" for service in SERVICES)}
        names = [name for service, each in found.items() if service not in ended for name in each]
        for container in json.loads(docker("inspect", *names)):
            assert container["State"]["Running"], container["Name"]
        ready = self.installation.all_ready_addresses()
        for service in SERVICES:
            assert ready.get(service), f"{service} is not reachable"
        return True

    def _leads(self) -> bool:
        # A dead process may still hold the lease, but does not renew it every two seconds.
        held = "name IN ('relay', 'jobs') AND expires_at > clock_timestamp() + interval '4 s'"
        for service in SERVICES:
            number = self._query(service, f"SELECT count(*) FROM lease WHERE {held}")
            assert number == "2", f"{service}: {number} of relay and jobs lead"
        return True

    def _is_settled(self) -> bool:
        """G5: no event or message is pending, and every queue has a consumer."""
        pending = {
            f"{service} {what}": int(self._query(service, query))
            for service in SERVICES
            for what, query in UNSETTLED.items()
        }
        for name, queue in self.installation.queues().items():
            pending[name] = queue.messages
            assert name == "unrouted" or queue.consumers, f"{name} has no consumer"
        stuck = {what: number for what, number in pending.items() if number}
        assert not stuck, stuck
        return True

    def _check_events(self) -> None:
        """G1 and G3: outboxes and inboxes agree."""
        readers = _readers()
        published = self.traffic.published
        columns = "id, type, position"
        rows = [(s, *row) for s in SERVICES for row in self._rows(s, columns, "outbox")]
        known = published | {row[1] for row in rows}
        for service in SERVICES:
            handled = self._handled(service)
            new = handled - self._handled_before[service]
            due = {
                event_id
                for producer, event_id, kind, position in rows
                if service in readers[kind] and position > self._positions_before[producer]
            }
            due |= published if service == "customer" else set()
            assert due <= handled, f"G1: {service} has not handled {len(due - handled)} events"
            assert new <= known, f"G3: {service} handled {new - known}"

    def _handled(self, service: str) -> set[str]:
        return {row[0] for row in self._rows(service, "event_id", "inbox")}

    def _check_replicas(self) -> None:
        """G1, G2 and G4 of replicas, compared as by `kehu reconcile`."""
        found = reconcile.compare(Containers(self.installation.file))
        assert found.agree, f"G4: {[c for c in found.comparisons if c.differs]}"

    def _check_records(self) -> None:
        """G2 and G6: each requested record and each record derived from it exists once."""
        tag = self.traffic.tag
        like = f"LIKE '{tag} %'"
        writes = self._written()
        wins, requests = writes[OPPORTUNITIES], writes[REQUESTS]
        wanted = [
            ("marketing", f"opportunity WHERE customer_name {like} AND status = 'won'", wins),
            ("customer", f"customer WHERE name {like}", wins),
            ("reporting", f"opportunity WHERE customer_name {like}", wins),
            ("service-desk", f"service_request WHERE summary {like}", requests),
            ("customer", f"contact WHERE name {like}", writes[f"{CUSTOMERS}/contacts"]),
            ("customer", f"sales_order WHERE order_no LIKE '{tag}-%'", len(self.traffic.orders)),
        ]
        self._check_counts(wanted)

    def _check_notifications_and_audit(self) -> None:
        """G2: each change has one notification and one audit entry."""
        manager, director = (
            who.user["id"] for who in (self.traffic.manager, self.traffic.director)
        )
        writes = self._written()
        opportunities, contacts = writes[OPPORTUNITIES], writes[f"{CUSTOMERS}/contacts"]
        assigned, won = writes[f"{OPPORTUNITIES}/assign"], writes[f"{OPPORTUNITIES}/win"]
        about = f"notification WHERE recipient_id = '{manager}' AND code ="
        by = (
            f"audit_entry WHERE actor_id IN ('{manager}', '{director}') AND (record_type, action) ="
        )
        wanted = [
            ("service-desk", f"{about} 'opportunity-assigned'", assigned),
            ("auth", f"{by} ('opportunity', 'created')", opportunities),
            ("auth", f"{by} ('opportunity', 'changed')", assigned + won),
            ("auth", f"{by} ('service_request', 'created')", writes[REQUESTS]),
            ("auth", f"{by} ('contact', 'created')", contacts),
        ]
        self._check_counts(wanted)

    def _written(self) -> Counter[str]:
        """The number of writes by path, without ids."""
        return Counter(re.sub(r"/[0-9a-f-]{36}", "", write.path) for write in self.traffic.writes)

    def _check_counts(self, wanted: Iterable[tuple[str, str, int]]) -> None:
        for service, source, number in wanted:
            found = int(self._query(service, f"SELECT count(*) FROM {source}"))
            assert found == number, f"G2: {service} has {found} of {source}, not {number}"

    def _check_reports(self) -> None:
        """G2: the director's reports match a recount of the services' own rows."""
        director, manager = self.traffic.director, self.traffic.manager.user["id"]
        # Directors also see the customers that nobody manages, such as those of a demonstration.
        of_manager = (
            "JOIN customer c ON c.id = customer_id"
            f" WHERE (c.manager_id = '{manager}' OR c.manager_id IS NULL)"
        )
        funnel = {
            (item["stage"], part["currency"], part["count"], float(part["amount"]))
            for item in director.get(f"{REPORTS}/sales-funnel")["items"]
            for part in item["amounts"]
        }
        sold = (
            *("customer", "currency, count(*), sum(total)"),
            f"sales_order o {of_manager} AND o.status IN (5, 6) GROUP BY currency",
        )
        requests = {
            (item["value"], item["count"])
            for item in director.get(f"{REPORTS}/service-composition")["items"]
        }
        warnings = director.get(f"{REPORTS}/customer-churn/warnings/rows")["total"]
        for what, reported, service, columns, source in (
            (
                *("funnel", funnel, "marketing"),
                "stage, currency, count(*), sum(coalesce(amount, expected_amount, 0))",
                f"opportunity WHERE created_by = '{manager}' AND stage IS NOT NULL"
                " GROUP BY stage, currency",
            ),
            # From the sums that are kept, and from the orders themselves.
            ("contribution of all time", self._sold(""), *sold),
            ("contribution of a period", self._sold("?from=1900-01-01"), *sold),
            (
                *("composition", requests, "service-desk", "type, count(*)"),
                f"service_request WHERE created_by IN ('{manager}', '{director.user['id']}')"
                " GROUP BY type",
            ),
            ("warnings", {(warnings,)}, "customer", "count(*)", f"churn_warning w {of_manager}"),
        ):
            recount = f"(SELECT {columns} FROM {source}) AS recount"
            # json_agg writes a line for each row.
            found = "replace(coalesce(json_agg(recount), '[]')::text, chr(10), ' ')"
            rows = self._query(service, f"SELECT {found} FROM {recount}")
            counted = {tuple(row.values()) for row in json.loads(rows)}
            assert reported == counted, f"G2: the {what} reports {reported}, not {counted}"

    def _sold(self, period: str) -> set[tuple[str, int, float]]:
        """What the director's contribution report of a period says of orders."""
        totals = self.traffic.director.get(f"{REPORTS}/customer-contribution{period}")["totals"]
        return {(each["currency"], each["orders"], float(each["ordered"])) for each in totals}

    def _check_responses(self) -> None:
        """G6: the same key returns the same response."""
        for write in self.traffic.writes:
            status, again = write.send()
            assert 200 <= status < 300, f"G6: {write.path}: {status} {again}"
            assert again == write.response, f"G6: {write.path}"

    def _check_limits(self) -> None:
        """G8: at every moment, not only at the end."""
        names = [name for each in self.installation.containers().values() for name in each]
        for state in json.loads(docker("inspect", *names)):
            assert not state["State"]["OOMKilled"], f"G8: {state['Name']} was killed for memory"
        eventually(lambda: self.peaks.samples, what="G8: the peaks are measured")
        for name, share in self.peaks.memory.items():
            assert share < MEMORY_SHARE, f"G8: {name} used {share:.0%} of its memory"
        for queue, number in self.peaks.unacked.items():
            assert number <= UNACKED, f"G8: {queue} had {number} unacknowledged messages"
        used = self._query(
            "auth",
            "SELECT count(*) / current_setting('max_connections')::float FROM pg_stat_activity",
        )
        assert float(used) < CONNECTION_SHARE, f"G8: {used} of the database connections"
        grown = self._disk() - self._disk_before
        writes = len(self.traffic.writes) + len(self.traffic.published)
        again = self.sent_again * DISK_BYTES_PER_EVENT
        allowed = DISK_BYTES + writes * DISK_BYTES_PER_WRITE + again
        assert grown < allowed, f"G8: the databases grew by {grown} bytes for {writes} writes"
        kilobytes, _path = self.installation.inside(
            "rabbitmq", "du", "-sk", "/var/lib/rabbitmq"
        ).split()
        assert int(kilobytes) << 10 < BROKER_BYTES, f"G8: the broker keeps {kilobytes} KiB"

    def _disk(self) -> int:
        """The size of all our databases in bytes."""
        size = "SELECT sum(pg_database_size(oid)) FROM pg_database WHERE datname LIKE 'kehu%'"
        return int(self._query("auth", size))


@contextmanager
def under_load(
    installation: Installation, *, dead: Mapping[str, int] | None = None
) -> Iterator[Ledger]:
    """Run background traffic during the block; check all invariants afterwards."""
    ledger = Ledger(installation)
    with ledger.peaks.watched(), ledger.traffic.flowing():
        yield ledger
    ledger.check(dead=dead)


@contextmanager
def checked(
    installation: Installation, *, dead: Mapping[str, int] | None = None
) -> Iterator[Ledger]:
    """Run the block without background traffic; check all invariants afterwards."""
    ledger = Ledger(installation)
    with ledger.peaks.watched():
        yield ledger
    ledger.check(dead=dead)


def _readers() -> Mapping[str, set[str]]:
    """The services that consume each event type, by the bindings of the broker."""
    found: dict[str, set[str]] = {}
    for binding in json.loads(DEFINITIONS.read_text())["bindings"]:
        service = binding["destination"].rpartition(".")[0]
        found.setdefault(binding["routing_key"], set()).add(service)
    return found
