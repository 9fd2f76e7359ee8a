"""Nothing is done at all: what the ledger insists on does hold in calm."""

from __future__ import annotations

from tests.faults.ledger import under_load
from tests.support.compose import Installation


def test_in_calm_everything_is_answered_at_once(containers: Installation) -> None:
    with under_load(containers) as ledger:
        pass
    assert not ledger.traffic.refused
