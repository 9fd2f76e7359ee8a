"""The weekly scan when no process was running, and when it is interrupted."""

from __future__ import annotations

import pytest

from tests.faults.alerts import watching
from tests.faults.failpoints import held
from tests.faults.ledger import Ledger, checked
from tests.support.compose import Installation, docker
from tests.support.stack import cloud_event, eventually
from tests.support.trade import KNOWN

SCANS = "/api/v1/customer/churn-scans"
BATCH = 1000
RUNS = "FROM job_run WHERE job = 'churn-scan'"


@pytest.mark.fault("F42")
@pytest.mark.long
def test_a_missed_scan_runs_once_afterwards(containers: Installation) -> None:
    """No jobs process was running when it was due; then three start at the same time."""
    with watching(containers) as alerts, checked(containers):
        docker("stop", containers.container("customer-jobs"))
        # The installation is older than the last due time, and that run is missing.
        containers.sql(
            "kehu_customer",
            "UPDATE job SET first_seen_at = now() - interval '30 days' WHERE name = 'churn-scan';"
            f" DELETE {RUNS}; DELETE FROM churn_scan",
        )
        alerts.fires("KehuScanMissed")
        alerts.fires("KehuProcessMissing")
        containers.scale(customer_jobs=3)
        done = "SELECT count(*) FROM churn_scan WHERE state = 'done'"
        eventually(lambda: containers.sql("kehu_customer", done) == "1", within=60)
        # A restart does not run it again.
        leads = "SELECT epoch FROM lease WHERE name = 'jobs'"
        before = containers.sql("kehu_customer", leads)
        docker("restart", *containers.containers()["customer-jobs"])
        eventually(lambda: containers.sql("kehu_customer", leads) != before, what="a new leader")
        assert containers.sql("kehu_customer", f"SELECT count(*) {RUNS}") == "1"
        assert containers.sql("kehu_customer", "SELECT count(*) FROM churn_scan") == "1"
        containers.scale(customer_jobs=1)
        alerts.clears("KehuScanMissed")
        alerts.clears("KehuProcessMissing")


@pytest.mark.fault("F44")
@pytest.mark.long
@pytest.mark.parametrize(
    ("when", "looked_at"),
    [
        (
            "NEW.customers_looked_at > OLD.customers_looked_at AND OLD.customers_looked_at > 0",
            BATCH,
        ),
        ("NEW.state = 'done'", None),
    ],
    ids=["in the second batch", "at the end"],
)
def test_an_interrupted_scan_is_finished(
    containers: Installation, when: str, looked_at: int | None
) -> None:
    """It continues where it stopped, and repeats no warning."""
    with checked(containers) as ledger:
        admin, manager = containers.stack.admin, ledger.traffic.manager
        _publish_more_than_a_batch(ledger)
        with held(containers, "kehu_customer", "UPDATE ON churn_scan", when=when) as point:
            scan = admin.request("POST", SCANS, {}).headers["Location"]
            point.wait()
            containers.kill(containers.container("customer-jobs"))
            point.end()
            if looked_at:
                assert admin.get(scan)["customers_looked_at"] == looked_at
        eventually(lambda: admin.get(scan)["state"] == "done", within=90, what="the scan is done")
        normal = "SELECT count(*) FROM customer WHERE status = 'normal' AND deleted_at IS NULL"
        number = int(containers.sql("kehu_customer", normal))
        assert admin.get(scan)["customers_looked_at"] == number
        path = f"/api/v1/customer/churn-warnings?customer_id={ledger.traffic.customer}"
        assert manager.get(path)["total"] == 1
        events = "FROM outbox WHERE type = 'customer.churn-warned.v1'"
        twice = f"SELECT subject {events} GROUP BY subject HAVING count(*) > 1"
        assert containers.sql("kehu_customer", twice) == ""


def _publish_more_than_a_batch(ledger: Ledger) -> None:
    """Publish enough customers that a scan takes two batches."""
    number = "SELECT count(*) FROM customer"
    have = int(ledger.installation.sql("kehu_customer", number))
    codes = [f"C-{ledger.traffic.tag}-{count}" for count in range(BATCH + 50 - have)]
    known = (cloud_event(KNOWN, {"code": c, "name": f"{c} Ltd"}, subject=c) for c in codes)
    if codes:
        ledger.traffic.publish(*((KNOWN, event) for event in known))
    eventually(
        lambda: int(ledger.installation.sql("kehu_customer", number)) >= BATCH + 50,
        within=90, what="all customers are known",
    )  # fmt: skip
