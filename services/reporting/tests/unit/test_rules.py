"""The figures of reports, computed."""

from decimal import Decimal

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


PIPELINE = [
    funnel.Stage("lost", "lost", "丢失", "Lost"),
    funnel.Stage("won", "won", "成交", "Won"),
    funnel.Stage("first", "open", "一", "First"),
    funnel.Stage("second", "open", "二", "Second"),
]


def test_being_won_is_the_furthest_and_being_lost_no_progress() -> None:
    assert funnel.depths(PIPELINE) == {"first": 1, "second": 2, "won": 3}
    assert funnel.depths([]) == {}


def test_an_opportunity_reached_every_stage_before_its_furthest() -> None:
    depths = funnel.depths(PIPELINE)
    assert funnel.reached(depths, {1: 4, 2: 2, 3: 1}) == {"first": 7, "second": 3, "won": 1}
    assert funnel.reached(depths, {}) == {"first": 0, "second": 0, "won": 0}
    assert funnel.reached({}, {1: 4}) == {}


def test_conversion_is_to_the_next_stage_of_those_that_were_reached() -> None:
    depths = {"won": 3, "first": 1, "second": 2}
    found = funnel.conversions(depths, {"first": 7, "second": 3, "won": 1})
    assert found == {"first": round(3 / 7, 6), "second": round(1 / 3, 6)}
    assert funnel.conversions(depths, {"first": 0, "second": 0, "won": 0}) == {}
    assert funnel.conversions({}, {}) == {}


def test_unknown_stages_are_shown_after_the_pipeline() -> None:
    assert funnel.shown(PIPELINE, ["won", "first"]) == PIPELINE
    assert funnel.shown(PIPELINE[:1], ["b", "lost", "a"]) == [
        PIPELINE[0],
        funnel.Stage("a", "open", "a", "a"),
        funnel.Stage("b", "open", "b", "b"),
    ]
