"""The weekly scan when nothing ran, and when it is cut off in the middle."""

from __future__ import annotations

import pytest

from tests.faults.failpoints import held
from tests.faults.ledger import with_care
from tests.support.compose import Installation, docker
from tests.support.stack import eventually

SCANS = "/api/v1/customer/churn-scans"
RUNS = "FROM job_run WHERE job = 'churn-scan'"


@pytest.mark.fault("F42")
@pytest.mark.long
def test_a_scan_that_was_missed_is_caught_up_once(containers: Installation) -> None:
    """No jobs process ran when it was due; then three start at the same time."""
    with with_care(containers):
        docker("stop", containers.container("customer-jobs"))
        # The installation is older than the last due time, and that run never was.
        containers.sql(
            "kehu_customer",
            "UPDATE job SET first_seen_at = now() - interval '30 days' WHERE name = 'churn-scan';"
            f" DELETE {RUNS}; DELETE FROM churn_scan",
        )
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


@pytest.mark.fault("F44")
@pytest.mark.long
def test_a_scan_that_was_cut_off_is_finished(containers: Installation) -> None:
    """All are warned already, and the scan does not know it yet; each is warned once."""
    with with_care(containers) as ledger:
        admin, manager = containers.stack.admin, ledger.traffic.manager
        finished = "NEW.state = 'done'"
        with held(containers, "kehu_customer", "UPDATE ON churn_scan", when=finished) as point:
            scan = admin.request("POST", SCANS, {}).headers["Location"]
            point.wait()
            containers.kill(containers.container("customer-jobs"))
            point.end()
        eventually(lambda: admin.get(scan)["state"] == "done", within=90, what="the scan is done")
        path = f"/api/v1/customer/churn-warnings?customer_id={ledger.traffic.customer}"
        assert manager.get(path)["total"] == 1
        told = "FROM outbox WHERE type = 'customer.churn-warned.v1'"
        twice = f"SELECT subject {told} GROUP BY subject HAVING count(*) > 1"
        assert containers.sql("kehu_customer", twice) == ""
