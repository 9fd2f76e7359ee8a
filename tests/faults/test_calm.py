"""Without a fault all invariants of the ledger hold."""

from __future__ import annotations

from tests.faults.ledger import under_load
from tests.support.compose import Installation


def test_without_a_fault_no_request_is_retried(containers: Installation) -> None:
    with under_load(containers) as ledger:
        pass
    assert not ledger.traffic.failed_attempts
