"""The figures of reports, computed."""

from decimal import Decimal

import pytest

from kehu_reporting.features.churn import rules as churn
from kehu_reporting.features.contribution import rules as contribution
from kehu_reporting.features.funnel import rules as funnel


def test_a_share_is_a_part_of_a_total_above_zero() -> None:
    assert contribution.share(Decimal("1"), Decimal("3")) == 0.333333
    assert contribution.share(Decimal("-1"), Decimal("4")) == -0.25
    assert contribution.share(Decimal("1"), Decimal("0")) is None
    assert contribution.share(Decimal("-1"), Decimal("-3")) is None


def test_the_rescue_rate_counts_recovered_and_reprieved_not_lost() -> None:
    counts = {"open": 1, "reprieved": 3, "confirmed": 2, "recovered": 2}
    figures = churn.rescue(counts, 2)
    assert (figures["opened"], figures["rescued"], figures["rescue_rate"]) == (8, 4, 0.5)
    assert churn.rescue({}, 0)["rescue_rate"] is None


def test_whoever_got_further_reached_every_stage_before() -> None:
    reached = funnel.reached({1: 4, 3: 2, 7: 1})
    assert reached == {
        "qualification": 7,
        "needs_analysis": 3,
        "value_proposition": 3,
        "decision_makers": 1,
        "proposal": 1,
        "negotiation": 1,
        "won": 1,
    }
    assert funnel.conversion("qualification", reached) == pytest.approx(3 / 7, abs=1e-6)
    assert funnel.conversion("negotiation", reached) == 1.0
    assert funnel.conversion("won", reached) is None
    assert funnel.conversion("lost", reached) is None
    assert funnel.conversion("qualification", funnel.reached({})) is None


def test_there_are_nine_stages() -> None:
    assert len(funnel.STAGES) == 9
    assert [funnel.type_of(stage) for stage in funnel.STAGES] == ["open"] * 6 + [
        "won",
        "lost",
        "lost",
    ]
