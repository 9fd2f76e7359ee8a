"""Transitions of opportunities, changes of plan items, and ranks of cards."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kehu_chassis.problems import Problem
from kehu_marketing.features.opportunities import rules

ALLOWED = {
    "edit": {"unassigned"},
    "delete": {"unassigned"},
    "void": {"unassigned"},
    "assign": {"unassigned", "developing"},
    "progress": {"developing"},
    "plan": {"developing"},
    "move": {"developing"},
    "win": {"developing"},
    "lose": {"developing"},
    "copy": {"won", "lost", "voided"},
}
RANKS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)


def test_an_opportunity_is_in_one_of_five_states_and_a_plan_item_in_one_of_three() -> None:
    assert rules.STATUSES == ("unassigned", "developing", "won", "lost", "voided")
    assert rules.ITEM_STATES == ("pending", "executed", "not_executed")


def test_the_states_in_which_each_transition_is_allowed() -> None:
    assert rules.TRANSITIONS == ALLOWED


def test_only_a_pending_plan_item_is_changed() -> None:
    rules.require_changeable_item(None, SimpleNamespace(state="pending"))
    for state in ("executed", "not_executed"):
        with pytest.raises(Problem) as refused:
            rules.require_changeable_item(None, SimpleNamespace(state=state))
        assert (refused.value.status, refused.value.code) == (409, "plan-item-executed")
        assert refused.value.params == {"state": state}


@pytest.mark.parametrize("stage_type", ["won", "lost", "", "OPEN"])
def test_only_an_open_stage_is_moved_to(stage_type: str) -> None:
    rules.require_open_stage("anything", "open")
    with pytest.raises(Problem) as refused:
        rules.require_open_stage("the-end", stage_type)
    assert (refused.value.status, refused.value.code) == (409, "stage-not-open")
    assert refused.value.params == {"stage": "the-end"}


@pytest.mark.parametrize(
    ("above", "below", "rank"),
    [
        (None, 0.0, -1.0),
        (None, -7.5, -8.5),
        (0.0, 1.0, 0.5),
        (-2.0, -1.0, -1.5),
        (-1.0, 1.0, 0.0),
        (1.0, 1.0, None),
        (0.0, 5e-324, None),
        (1.0, math.nextafter(1.0, 2), None),
        (1.0, math.nextafter(math.nextafter(1.0, 2), 2), math.nextafter(1.0, 2)),
    ],
)
def test_a_card_gets_a_rank_of_its_own_or_none_if_there_is_no_room(
    above: float | None, below: float, rank: float | None
) -> None:
    assert rules.rank_between(above, below) == rank


@given(above=RANKS, below=RANKS)
@example(above=0.0, below=math.nextafter(0.0, 1))
def test_a_rank_lies_strictly_between_and_is_missing_only_between_neighbours(
    above: float, below: float
) -> None:
    assume(above < below)
    rank = rules.rank_between(above, below)
    if rank is None:
        assert math.nextafter(above, math.inf) == below
    else:
        assert above < rank < below


@given(below=RANKS)
def test_there_is_always_room_on_top(below: float) -> None:
    rank = rules.rank_between(None, below)
    assert rank is not None
    assert rank < below


@given(start=RANKS, lower=st.booleans())
def test_halving_the_same_gap_ends_after_a_bounded_number_of_cards(
    start: float, lower: bool
) -> None:
    above, below = start, start + 1.0
    assume(above < below)
    cards = 0
    while (rank := rules.rank_between(above, below)) is not None:
        above, below = (rank, below) if lower else (above, rank)
        cards += 1
        assert cards < 1100  # all the exponents there are, at zero
