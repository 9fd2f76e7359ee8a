"""Scans: all normal customers as of a date, in batches that each commit with their events."""

import time
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.data.bulk import one_of
from kehu_chassis.data.database import NIL, new_id
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.problems import invalid, not_found
from kehu_chassis.records import audit
from kehu_customer.features.churn import rules
from kehu_customer.features.churn.models import ChurnScan, ChurnWarning
from kehu_customer.features.churn.service.opening import Finding, limits, open_warnings
from kehu_customer.features.customers import service as customers
from kehu_customer.features.orders import service as orders

SCANS = Listing(
    ChurnScan,
    sorts=("created_at", "as_of"),
    default_sort="-created_at",
    filters=("state",),
    choices={"state": rules.SCAN_STATES},
)
BATCH = 1000


def request_scan(session: Session, *, as_of: date | None = None) -> ChurnScan:
    """Request a scan, which the jobs process runs; 422 for a day in the future."""
    today = clock.today()
    if as_of is not None and as_of > today:
        raise invalid("/as_of", "in-the-future")
    scan = ChurnScan(**_fresh(as_of or today, None))
    session.add(scan)
    session.flush()
    return scan


def schedule_scan(session: Session, run_key: str) -> None:
    """Request the scan of a week, once; as of today, so that no recent order is missed."""
    moment = clock.now()
    row = _fresh(clock.today(), run_key) | {
        "id": new_id(),
        "created_at": moment,
        "created_by": NIL,
        "updated_at": moment,
        "updated_by": NIL,
        "version": 1,
    }
    session.execute(
        insert(ChurnScan).values(row).on_conflict_do_nothing(index_elements=["run_key"])
    )


def _fresh(as_of: date, run_key: str | None) -> dict[str, Any]:
    return {
        "as_of": as_of,
        "run_key": run_key,
        "state": "queued",
        "reached": NIL,
        "customers_looked_at": 0,
        "warnings_opened": 0,
        "without_manager": 0,
        "seconds": Decimal(0),
    }


def next_scan(session: Session) -> UUID | None:
    """The scan to run next, an interrupted one first."""
    return session.scalar(
        select(ChurnScan.id)
        .where(ChurnScan.state.in_(("queued", "running")))
        .order_by(ChurnScan.id)
        .limit(1)
    )


def step(session: Session, scan_id: UUID) -> bool:
    """Look at the next batch of customers; False once there are none left."""
    began = time.monotonic()
    scan = session.get_one(ChurnScan, scan_id, with_for_update=True)
    if scan.state == "done":
        return False
    if scan.state == "queued":
        scan.state, scan.started_at = "running", clock.now()
    batch = customers.normal_batch(session, scan.reached, BATCH)
    if batch:
        opened = open_warnings(session, _findings(session, batch, scan.as_of), scan_id=scan.id)
        scan.reached = batch[-1].id
        scan.customers_looked_at += len(batch)
        scan.warnings_opened += len(opened)
        scan.without_manager += sum(1 for warning in opened if warning.manager_id is None)
    else:
        scan.state, scan.finished_at = "done", clock.now()
        _note(session, scan)
    session.flush()
    scan.seconds += Decimal(str(round(time.monotonic() - began, 3)))
    return bool(batch)


def _note(session: Session, scan: ChurnScan) -> None:
    """Record one entry in the audit trail for the whole scan."""
    counts = ("customers_looked_at", "warnings_opened")
    audit.note(
        session,
        action="scanned",
        record_type=scan.__tablename__,
        record_id=scan.id,
        changes=[{"field": name, "old": 0, "new": getattr(scan, name)} for name in counts],
    )


def _findings(session: Session, batch: list[Any], as_of: date) -> list[Finding]:
    ids = [customer.id for customer in batch]
    last = orders.last_order_days(session, ids, until=as_of)
    active = set(
        session.scalars(
            select(ChurnWarning.customer_id).where(
                one_of(ChurnWarning.customer_id, ids), ChurnWarning.state.in_(rules.ACTIVE)
            )
        )
    )
    allowed = limits(session)
    found = []
    for customer in batch:
        cut_off_on = allowed.cut_off(customer, as_of)
        kind = rules.kind_due(customer, last.get(customer.id), cut_off_on)
        if kind is not None and customer.id not in active:
            found.append(Finding(customer, kind, last.get(customer.id), cut_off_on))
    return found


def list_scans(session: Session, args: Mapping[str, Any]) -> Page:
    """All scans."""
    return SCANS.page(session, select(ChurnScan), args)


def get_scan(session: Session, scan_id: UUID) -> ChurnScan:
    """One scan."""
    scan = session.get(ChurnScan, scan_id)
    if scan is None:
        raise not_found()
    return scan
