"""The funnel follows marketing's pipeline, whatever happens to its stages."""

from __future__ import annotations

from typing import Any

from kehu_chassis.testing import Harness

from .conftest import STAGES

PATH = "/sales-funnel"


def _funnel(harness: Harness, staff: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = harness.as_(staff.executive).get(PATH)["items"]
    assert [item["position"] for item in items] == list(range(1, len(items) + 1))
    return items


def _codes(harness: Harness, staff: Any) -> list[str]:
    return [item["stage"] for item in _funnel(harness, staff)]


def test_stages_have_the_type_and_labels_of_the_pipeline(
    harness: Harness, staff: Any, pipeline: Any
) -> None:
    shown = ("type", "label_zh", "label_en")
    for item in _funnel(harness, staff):
        stage = pipeline[item["stage"]]
        assert [item[name] for name in shown] == [stage[name] for name in shown]


def test_a_renamed_stage_has_its_new_labels(
    harness: Harness, staff: Any, pipeline: Any, make_stage: Any
) -> None:
    make_stage("proposal", 5, version=2, label_en="Quote", label_zh="报价")
    make_stage("proposal", 5, version=1, label_en="Late", label_zh="迟到")
    item = _funnel(harness, staff)[4]
    assert (item["stage"], item["label_en"], item["label_zh"]) == ("proposal", "Quote", "报价")


def test_a_changed_order_is_the_order_of_the_funnel_and_of_conversion(
    harness: Harness, staff: Any, pipeline: Any, make_stage: Any, make_opportunity: Any, move: Any
) -> None:
    move(make_opportunity("proposal"), "qualification", "proposal")
    before = {item["stage"]: item["reached"] for item in _funnel(harness, staff)}
    assert (before["decision_makers"], before["proposal"]) == (1, 1)
    make_stage("proposal", 4, version=2)
    make_stage("decision_makers", 5, version=2)
    assert _codes(harness, staff)[3:5] == ["proposal", "decision_makers"]
    after = {item["stage"]: item for item in _funnel(harness, staff)}
    assert (after["proposal"]["reached"], after["decision_makers"]["reached"]) == (1, 0)
    assert after["value_proposition"]["conversion_to_next"] == 1.0
    assert after["proposal"]["conversion_to_next"] == 0.0


def test_an_added_stage_stands_in_its_place(
    harness: Harness, staff: Any, pipeline: Any, make_stage: Any, make_opportunity: Any
) -> None:
    for position, code in enumerate(STAGES[5:], 7):
        make_stage(code, position, version=2, type=pipeline[code]["type"])
    make_stage("trial", 6)
    make_opportunity("trial")
    assert _codes(harness, staff) == [*STAGES[:5], "trial", *STAGES[5:]]
    items = {item["stage"]: item for item in _funnel(harness, staff)}
    assert (items["trial"]["count"], items["trial"]["reached"]) == (1, 1)
    assert (items["proposal"]["reached"], items["negotiation"]["reached"]) == (1, 0)
    assert items["proposal"]["conversion_to_next"] == 1.0


def test_a_stage_may_become_the_end_of_the_pipeline(
    harness: Harness, staff: Any, pipeline: Any, make_stage: Any, make_opportunity: Any
) -> None:
    make_opportunity("negotiation")
    make_stage("negotiation", 6, version=2, type="lost")
    items = {item["stage"]: item for item in _funnel(harness, staff)}
    assert items["negotiation"]["type"] == "lost"
    assert items["proposal"]["reached"] == 0, "being lost is no progress"


def test_stages_known_only_from_opportunities_are_listed_last(
    harness: Harness, staff: Any, pipeline: Any, make_opportunity: Any
) -> None:
    for stage in ("trial", "demo", "demo"):
        make_opportunity(stage)
    assert _codes(harness, staff) == [*STAGES, "demo", "trial"]
    demo = _funnel(harness, staff)[-2]
    assert (demo["count"], demo["type"], demo["conversion_to_next"]) == (2, "open", None)
    assert demo["label_zh"] == demo["label_en"] == "demo"


def test_before_any_stage_arrives_the_funnel_has_those_of_opportunities(
    harness: Harness, staff: Any, make_opportunity: Any, move: Any
) -> None:
    assert _funnel(harness, staff) == []
    move(make_opportunity("won"), "qualification", "won")
    make_opportunity("proposal")
    report = harness.as_(staff.executive).get(PATH)
    assert [item["stage"] for item in report["items"]] == ["proposal", "won"]
    assert [item["count"] for item in report["items"]] == [1, 1]
    assert report["opportunities"] == 2
    assert harness.as_(staff.executive).get(f"{PATH}/rows?stage=won")["total"] == 1
    assert harness.as_(staff.executive).get(f"{PATH}/rows?stage=unknown")["total"] == 0
