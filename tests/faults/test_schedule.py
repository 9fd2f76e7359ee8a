"""The weekly scan when nothing ran, and when it is cut off in the middle."""

from __future__ import annotations

import pytest

from tests.faults.alerts import watching
from tests.faults.failpoints import held
from tests.faults.ledger import Ledger, with_care
from tests.support.compose import Installation, docker
from tests.support.stack import cloud_event, eventually
from tests.support.trade import KNOWN

SCANS = "/api/v1/customer/churn-scans"
BATCH = 1000
RUNS = "FROM job_run WHERE job = 'churn-scan'"


@pytest.mark.fault("F42")
@pytest.mark.long
def test_a_scan_that_was_missed_is_caught_up_once(containers: Installation) -> None:
    """No jobs process ran when it was due; then three start at the same time."""
    with watching(containers) as alerts, with_care(containers):
        docker("stop", containers.container("customer-jobs"))
        # The installation is older than the last due time, and that run never was.
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
        # Nor does it run again when they start once more.
        leads = "SELECT epoch FROM lease WHERE name = 'jobs'"
        before = containers.sql("kehu_customer", leads)
        docker("restart", *containers.containers()["customer-jobs"])
        eventually(lambda: containers.sql("kehu_customer", leads) != before, what="one leads again")
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
    ids=["in the middle of its second batch", "when it has come to the end"],
)
def test_a_scan_that_was_cut_off_is_finished(
    containers: Installation, when: str, looked_at: int | None
) -> None:
    """It goes on where it was, and whoever was warned of before is not warned of again."""
    with with_care(containers) as ledger:
        admin, manager = containers.stack.admin, ledger.traffic.manager
        _more_than_a_batch(ledger)
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
        told = "FROM outbox WHERE type = 'customer.churn-warned.v1'"
        twice = f"SELECT subject {told} GROUP BY subject HAVING count(*) > 1"
        assert containers.sql("kehu_customer", twice) == ""


def _more_than_a_batch(ledger: Ledger) -> None:
    """The sales system tells of so many customers that a scan takes two steps."""
    number = "SELECT count(*) FROM customer"
    have = int(ledger.installation.sql("kehu_customer", number))
    codes = [f"C-{ledger.traffic.word}-{count}" for count in range(BATCH + 50 - have)]
    known = (cloud_event(KNOWN, {"code": c, "name": f"{c} Ltd"}, subject=c) for c in codes)
    if codes:
        ledger.traffic.tell(*((KNOWN, event) for event in known))
    eventually(
        lambda: int(ledger.installation.sql("kehu_customer", number)) >= BATCH + 50,
        within=90, what="all customers are known",
    )  # fmt: skip
