"""The stages of the pipeline, and publishing them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from sqlalchemy import select

from kehu_chassis.actor import SYSTEM
from kehu_chassis.jsontext import plain
from kehu_chassis.testing import Harness
from kehu_marketing.features.stages.models import Stage

from .conftest import People

CHANGED = "marketing.stage-changed.v1"
CODES = [
    "qualification", "needs_analysis", "value_proposition", "decision_makers", "proposal",
    "negotiation", "won", "lost", "lost_to_competitor",
]  # fmt: skip


def _states(harness: Harness) -> list[dict[str, Any]]:
    return [event["data"] for event in harness.published(CHANGED)]


def _publish(harness: Harness) -> None:
    """What every migration does at its end."""
    assert harness.service.first_start is not None
    harness.database.run(SYSTEM, harness.service.first_start)


def test_every_migration_ends_with_the_states_of_all_stages(
    harness: Harness, people: People
) -> None:
    _publish(harness)
    events = harness.published(CHANGED)
    assert [event["data"]["code"] for event in events] == CODES
    assert {event["aggregateversion"] for event in events} == {1}
    assert [event["subject"] for event in events] == [event["data"]["id"] for event in events]
    shown = harness.as_(people.manager).get("/stages")["items"]
    assert [data | {"id": None} for data in _states(harness)] == [
        stage | {"id": None} for stage in shown
    ]
    _publish(harness)
    assert _states(harness)[9:] == _states(harness)[:9]
    assert len(harness.published()) == 18


def test_a_stage_has_the_same_id_in_every_installation(harness: Harness) -> None:
    _publish(harness)
    namespace = uuid5(NAMESPACE_URL, "urn:kehu:stage")
    for data in _states(harness):
        assert data["id"] == str(uuid5(namespace, data["code"]))
    assert harness.example(CHANGED) == _states(harness)[0]


def test_resync_publishes_the_stages(harness: Harness) -> None:
    _publish(harness)
    with harness.session() as session:
        again = [plain(event.data) for event in harness.service.snapshots(session)]
    by_id = sorted(_states(harness), key=lambda data: data["id"])
    assert again == by_id


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda stage: setattr(stage, "label_en", "Quote"), {"label_en": "Quote"}),
        (lambda stage: setattr(stage, "position", 7), {"position": 7}),
        (lambda stage: setattr(stage, "type", "lost"), {"type": "lost"}),
    ],
)
def test_a_changed_stage_is_published(
    harness: Harness, change: Callable[[Stage], None], expected: dict[str, Any]
) -> None:
    with harness.session() as session:
        change(session.scalars(select(Stage).where(Stage.code == "proposal")).one())
    [event] = harness.published()
    assert (event["type"], event["aggregateversion"]) == (CHANGED, 2)
    assert event["data"]["code"] == "proposal"
    assert event["data"] | expected == event["data"]


def test_an_added_stage_is_published_and_may_be_moved_to(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    added = {
        "code": "trial", "position": 6, "type": "open", "probability": 70, "label_zh": "试用",
        "label_en": "Trial",
    }  # fmt: skip
    with harness.session() as session:
        session.add(Stage(**added))
    [state] = _states(harness)
    assert state == added | {"id": state["id"]}
    manager = harness.as_(people.manager)
    moved = manager.post(f"/opportunities/{developing['id']}/stage", {"stage": "trial"})
    assert moved["stage"] == "trial"
