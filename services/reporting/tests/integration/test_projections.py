"""The read models end the same for any order, repetition and batches of events."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness

_TABLES = (
    "customer_ref",
    "sale",
    "loss",
    "reactivation",
    "churn_warning",
    "opportunity",
    "stage",
    "stage_change",
    "service_request",
)
Story = list[tuple[str, str, int, dict[str, Any]]]


def _story(harness: Harness) -> Story:
    """A customer's life: created, renamed, warned, lost, back by an order, a return, an order and
    a return that were somebody else's, a deleted opportunity, a won opportunity, a renamed stage, a
    service request; as (type, subject, version, data)."""
    customer, warning, order = str(new_id()), str(new_id()), str(new_id())
    won, deleted, request = str(new_id()), str(new_id()), str(new_id())
    created = harness.example("customer.customer-changed.v1") | {"id": customer}
    state = created | {"name": "Renamed"}
    lost = harness.example("customer.customer-lost.v1") | {
        "id": customer, "warning_id": warning, "name": "Renamed",
    }  # fmt: skip
    back = harness.example("customer.customer-reactivated.v1") | {"id": customer, "name": "Back"}
    warned = harness.example("customer.churn-warning-changed.v1") | {
        "id": warning, "customer_id": customer, "customer_name": "Renamed",
    }  # fmt: skip
    confirmed = warned | {"state": "confirmed", "closed_at": "2026-11-21T09:30:00Z"}
    placed = harness.example("customer.order-recorded.v1") | {
        "order_id": order, "customer_id": customer, "status": 1,
    }  # fmt: skip
    returned = harness.example("customer.return-recorded.v1") | {"customer_id": customer}
    # Under an unknown code first, then attached to the customer, at the same version.
    moved_order = placed | {"order_id": str(new_id()), "order_no": "moved"}
    moved_return = returned | {"return_no": "moved"}
    nobodys = {"customer_id": None, "customer_number": None, "customer_name": None}
    requested = harness.example("service-desk.request-changed.v1") | {
        "id": request, "customer_id": customer,
    }  # fmt: skip
    opportunity = harness.example("marketing.opportunity-changed.v1") | {"id": won}
    moved = harness.example("marketing.opportunity-stage-changed.v1") | {"opportunity_id": won}
    closed = {"stage": "won", "stage_type": "won", "status": "won", "amount": "7.00"}
    at_end = moved | {
        "from_stage": "needs_analysis", "to_stage": "won", "changed_at": "2026-11-09T03:00:00Z",
    }  # fmt: skip
    gone = {"id": deleted}
    stage = harness.example("marketing.stage-changed.v1")
    return [
        ("customer.customer-changed.v1", customer, 1, created),
        ("customer.customer-changed.v1", customer, 2, state),
        ("customer.customer-lost.v1", customer, 3, lost),
        ("customer.customer-changed.v1", customer, 3, state | {"status": "lost"}),
        ("customer.customer-reactivated.v1", customer, 4, back),
        ("customer.customer-changed.v1", customer, 4, state | {"name": "Back"}),
        ("customer.churn-warning-changed.v1", warning, 1, warned),
        ("customer.churn-warning-changed.v1", warning, 2, confirmed),
        ("customer.order-recorded.v1", order, 1, placed),
        ("customer.order-recorded.v1", order, 2, placed | {"status": 6}),
        ("customer.return-recorded.v1", returned["return_no"], 1, returned),
        ("customer.order-recorded.v1", moved_order["order_id"], 2, moved_order | nobodys),
        ("customer.order-recorded.v1", moved_order["order_id"], 2, moved_order),
        ("customer.return-recorded.v1", "moved", 2, moved_return | {"customer_id": None}),
        ("customer.return-recorded.v1", "moved", 2, moved_return),
        ("marketing.opportunity-changed.v1", won, 1, opportunity),
        ("marketing.opportunity-stage-changed.v1", won, 2, moved),
        ("marketing.opportunity-changed.v1", won, 3, opportunity | closed),
        ("marketing.opportunity-stage-changed.v1", won, 3, at_end),
        ("marketing.opportunity-changed.v1", deleted, 1, opportunity | {"id": deleted}),
        ("marketing.opportunity-deleted.v1", deleted, 2, gone),
        ("marketing.stage-changed.v1", stage["id"], 1, stage),
        ("marketing.stage-changed.v1", stage["id"], 2, stage | {"label_en": "First contact"}),
        ("service-desk.request-changed.v1", request, 1, requested),
        ("service-desk.request-changed.v1", request, 2, requested | {"status": "cancelled"}),
    ]


def _deliver(harness: Harness, story: Story, edges: list[int]) -> None:
    bodies = [
        harness.envelope(event_type, data, subject=subject, version=version)
        for event_type, subject, version, data in story
    ]
    for start, end in zip(edges, edges[1:], strict=False):
        harness.inbox.handle(bodies[start:end])
    assert harness.failed() == []


def _contents(harness: Harness) -> str:
    with harness.session() as session:
        tables = {
            table: sorted(
                json.dumps(dict(row._mapping), default=str, sort_keys=True)
                for row in session.execute(text(f"SELECT * FROM {table}"))
            )
            for table in _TABLES
        }
    return json.dumps(tables, indent=1)


def _empty(harness: Harness) -> None:
    with harness.session() as session:
        session.execute(text(f"TRUNCATE {', '.join(_TABLES)}"))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_order_repetition_and_batches_do_not_matter(harness: Harness, data: st.DataObject) -> None:
    story = _story(harness)
    _empty(harness)
    _deliver(harness, story, list(range(len(story) + 1)))
    expected = _contents(harness)
    assert '"deleted": true' in expected.replace("\\", "")

    shuffled = data.draw(st.permutations(story))
    again = data.draw(st.lists(st.sampled_from(story), max_size=6))
    events = [*shuffled, *again]
    cuts = data.draw(st.lists(st.integers(1, len(events) - 1), max_size=5))
    _empty(harness)
    _deliver(harness, events, [0, *sorted(set(cuts)), len(events)])
    assert _contents(harness) == expected


def test_versions_of_other_systems_may_be_large(harness: Harness) -> None:
    large = [(name, subject, 2**40 + v, data) for name, subject, v, data in _story(harness)]
    _deliver(harness, large, [0, len(large)])
    assert str(2**40 + 2) in _contents(harness)


def test_a_resync_repairs_what_was_damaged(harness: Harness) -> None:
    story = _story(harness)
    _deliver(harness, story, [0, len(story)])
    expected = _contents(harness)
    with harness.session() as session:
        session.execute(text("UPDATE customer_ref SET name = 'damaged'"))
        session.execute(text("UPDATE sale SET amount = 0"))
        session.execute(text("UPDATE opportunity SET stage = NULL WHERE NOT deleted"))
    _deliver(harness, story, [0, len(story)])
    assert _contents(harness) == expected


def test_the_examples_of_all_contracts_are_ingested(harness: Harness) -> None:
    for subscription in harness.service.subscriptions():
        harness.deliver(subscription.type, harness.example(subscription.type))
    assert harness.failed() == []
