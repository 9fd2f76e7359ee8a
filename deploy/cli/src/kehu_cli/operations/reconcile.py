"""Bringing the services to agree after a restore, and telling where they do not.

Every service sends again what it sent lately, which makes others do what they had not done yet, and
the present state of every record, which mends replicas. What was done or is known already changes
nothing.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from kehu_cli.catalogue import SERVICES
from kehu_cli.operations.installation import Installation
from kehu_cli.operations.psql import Psql
from kehu_cli.stack.databases import database_name

# How long an event may have been under way, or waited in a queue, when the backup was taken.
MARGIN = timedelta(days=1)

# Nothing that takes its way through the broker stands still for so long.
PATIENCE_SECONDS = 60

# What was said a moment ago is on its way: while people work there is always some of it.
UNSENT = (
    "SELECT count(*) FROM outbox WHERE sent_at IS NULL AND created_at < now() - interval '1 second'"
)

REPLICATING = ("marketing", "customer", "service-desk", "reporting")


@dataclass(frozen=True)
class Pair:
    """What a service says and what others make of it; both queries give a key and a version."""

    what: str
    producer: str
    said: str
    readers: tuple[str, ...]
    heard: str


# Deleted records leave tombstones with readers only, so what is compared is what lives.
PAIRS = (
    Pair(
        "people",
        "auth",
        'SELECT id, version FROM "user"',
        REPLICATING,
        "SELECT id, version FROM directory_person",
    ),
    Pair(
        "departments",
        "auth",
        "SELECT id, version FROM department",
        REPLICATING,
        "SELECT id, version FROM directory_department WHERE NOT deleted",
    ),
    Pair(
        "settings",
        "auth",
        "SELECT key, version FROM setting",
        REPLICATING,
        "SELECT key, version FROM setting",
    ),
    Pair(
        "customers",
        "customer",
        "SELECT id, version FROM customer WHERE deleted_at IS NULL",
        ("marketing", "service-desk", "reporting"),
        "SELECT id, version FROM customer_ref WHERE NOT deleted",
    ),
    Pair(
        "won opportunities",
        "marketing",
        "SELECT id, 1 FROM opportunity WHERE status = 'won'",
        ("customer",),
        "SELECT opportunity_id, 1 FROM customer_origin",
    ),
    Pair(
        "their customers",
        "customer",
        "SELECT o.opportunity_id, o.customer_id FROM customer_origin o"
        " JOIN customer c ON c.id = o.customer_id WHERE c.deleted_at IS NULL",
        ("marketing",),
        "SELECT o.id, o.customer_id FROM opportunity o"
        " JOIN customer_ref c ON c.id = o.customer_id WHERE o.status = 'won' AND NOT c.deleted",
    ),
    Pair(
        "opportunities",
        "marketing",
        "SELECT id, version FROM opportunity",
        ("reporting",),
        "SELECT id, version FROM opportunity WHERE NOT deleted",
    ),
    Pair(
        "their moves",
        "marketing",
        "SELECT concat_ws(' ', opportunity_id, changed_at, to_stage), 1 FROM stage_change",
        ("reporting",),
        "SELECT concat_ws(' ', m.opportunity_id, m.changed_at, m.to_stage), 1 FROM stage_change m"
        " JOIN opportunity o ON o.id = m.opportunity_id WHERE NOT o.deleted",
    ),
    Pair(
        "orders",
        "customer",
        "SELECT id, version FROM sales_order WHERE customer_id IS NOT NULL",
        ("reporting",),
        "SELECT id, version FROM sale WHERE kind = 'order' AND customer_id IS NOT NULL",
    ),
    Pair(
        "returns",
        "customer",
        "SELECT return_no, version FROM sales_return WHERE customer_id IS NOT NULL",
        ("reporting",),
        "SELECT number, version FROM sale WHERE kind = 'return' AND customer_id IS NOT NULL",
    ),
    Pair(
        "churn warnings",
        "customer",
        "SELECT w.id, w.version FROM churn_warning w"
        " JOIN customer c ON c.id = w.customer_id WHERE c.deleted_at IS NULL",
        ("reporting",),
        "SELECT w.id, w.version FROM churn_warning w"
        " JOIN customer_ref c ON c.id = w.customer_id WHERE NOT c.deleted",
    ),
    Pair(
        "losses",
        "customer",
        "SELECT l.warning_id, 1 FROM customer_loss l"
        " JOIN customer c ON c.id = l.customer_id WHERE c.deleted_at IS NULL",
        ("reporting",),
        "SELECT l.id, 1 FROM loss l"
        " JOIN customer_ref c ON c.id = l.customer_id WHERE NOT c.deleted",
    ),
    Pair(
        "service requests",
        "service-desk",
        "SELECT id, version FROM service_request",
        ("reporting",),
        "SELECT id, version FROM service_request",
    ),
)


@dataclass(frozen=True)
class Comparison:
    """How a reader's records differ from their producer's, each difference by its key."""

    what: str
    producer: str
    reader: str
    records: int = field(compare=False)
    missing: frozenset[str]
    other_version: frozenset[tuple[str, object]]
    unknown: frozenset[str]

    @property
    def differs(self) -> bool:
        """Whether reader and producer disagree about any record."""
        return bool(self.missing or self.other_version or self.unknown)

    def lasting_since(self, before: "Comparison") -> "Comparison":
        """Return the differences that were there before, and are the same."""
        return replace(
            self,
            missing=self.missing & before.missing,
            other_version=self.other_version & before.other_version,
            unknown=self.unknown & before.unknown,
        )


@dataclass(frozen=True)
class Findings:
    """What the databases say: how many events are yet to be sent, and every comparison."""

    waiting: int
    comparisons: tuple[Comparison, ...]

    @property
    def agree(self) -> bool:
        """Whether nothing is left to do."""
        return not self.waiting and not any(found.differs for found in self.comparisons)

    def lasting_since(self, before: "Findings") -> "Findings":
        """Return what has not changed; while people work, something is always under way."""
        pairs = zip(self.comparisons, before.comparisons, strict=True)
        return replace(self, comparisons=tuple(now.lasting_since(then) for now, then in pairs))


def emit(installation: Installation, since: datetime) -> None:
    """Let every service send again what it sent since then, and the state of all its records."""
    in_every_service(installation, "replay", "--since", (since - MARGIN).isoformat())
    in_every_service(installation, "resync")


def in_every_service(installation: Installation, *arguments: str) -> None:
    """Run an operator command of each service, all at once."""
    with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
        list(pool.map(lambda service: installation.command(service, *arguments), SERVICES))


def wait(installation: Installation, say: Callable[[str], None]) -> Findings:
    """Compare until all agree, or until what differs has not changed for a minute."""
    with ExitStack() as stack:
        databases = {
            service: stack.enter_context(Psql(installation, database_name(service)))
            for service in SERVICES
        }
        before = lasting = compare(databases)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not lasting.agree and time.monotonic() < deadline:
            different = sum(comparison.differs for comparison in lasting.comparisons)
            say(f"{lasting.waiting} events to be sent, {different} differences")
            time.sleep(1)
            now = compare(databases)
            still = now.lasting_since(before)
            if still != lasting:
                deadline = time.monotonic() + PATIENCE_SECONDS
            before, lasting = now, still
        return lasting


def compare(databases: dict[str, Psql]) -> Findings:
    """Compare each producer with each of its readers, as they are now."""
    waiting = sum(int(database.ask(UNSENT)) for database in databases.values())
    comparisons = []
    for pair in PAIRS:
        said = _versions(databases[pair.producer], pair.said)
        for reader in pair.readers:
            heard = _versions(databases[reader], pair.heard)
            known = said.keys() & heard.keys()
            comparisons.append(
                Comparison(
                    pair.what,
                    pair.producer,
                    reader,
                    records=len(said),
                    missing=frozenset(said.keys() - known),
                    other_version=frozenset(
                        (key, heard[key]) for key in known if said[key] != heard[key]
                    ),
                    unknown=frozenset(heard.keys() - known),
                )
            )
    return Findings(waiting, tuple(comparisons))


def _versions(database: Psql, query: str) -> dict[str, object]:
    found: dict[str, object] = database.ask_json(
        "SELECT coalesce(json_object_agg(key, version), '{}')"
        f" FROM ({query}) AS record (key, version)"
    )
    return found
