"""The replica of customers: whatever order its events arrive in, the newest state stays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness
from kehu_service_desk import subscriptions
from kehu_service_desk.features.customers import service

CHANGED, DELETED = "customer.customer-changed.v1", "customer.customer-deleted.v1"


def _state(harness: Harness, ident: str) -> Any:
    with harness.session() as session:
        return service.get(session, UUID(ident))


def test_a_customer_is_known_by_its_newest_state(harness: Harness, make_customer: Any) -> None:
    state = make_customer(name="One")
    make_customer(id=state["id"], version=3, name="Three")
    make_customer(id=state["id"], version=2, name="Two")
    assert _state(harness, state["id"]).name == "Three"


def test_facts_that_an_earlier_release_mirrored_change_nothing(
    harness: Harness, make_customer: Any
) -> None:
    state = make_customer(name="One")
    for event_type in subscriptions.RETIRED:
        fact = harness.example(event_type) | {"id": state["id"], "name": "Another"}
        harness.deliver(event_type, fact, subject=state["id"], version=9)
    assert _state(harness, state["id"]).name == "One"


def test_a_deleted_customer_stays_deleted_until_a_newer_state(
    harness: Harness, make_customer: Any
) -> None:
    ident = str(new_id())
    harness.deliver(DELETED, {"id": ident}, subject=ident, version=3)
    make_customer(id=ident, version=2)
    assert _state(harness, ident).deleted
    make_customer(id=ident, version=4)
    assert not _state(harness, ident).deleted


def test_a_version_may_be_large(harness: Harness, make_customer: Any) -> None:
    state = make_customer(version=2**40)
    assert _state(harness, state["id"]).version == 2**40


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(1, 7)), cuts=st.lists(st.integers(1, 5), max_size=3))
def test_any_order_and_any_batches_end_in_the_newest_state(
    harness: Harness, make_customer: Any, order: list[int], cuts: list[int]
) -> None:
    state = make_customer(version=0)
    bodies = []
    for version in order:
        if version == 6:
            bodies.append(
                harness.envelope(DELETED, {"id": state["id"]}, subject=state["id"], version=6)
            )
            continue
        data = state | {"name": f"Name {version}"}
        bodies.append(harness.envelope(CHANGED, data, subject=state["id"], version=version))
    bodies += bodies[:2]
    edges = [0, *sorted(set(cuts)), len(bodies)]
    for start, end in zip(edges, edges[1:], strict=False):
        harness.inbox.handle(bodies[start:end])
    assert harness.failed() == []
    final = _state(harness, state["id"])
    assert (final.deleted, final.version) == (True, 6)
