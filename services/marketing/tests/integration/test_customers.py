"""The replica of customers, and the customer that an opportunity led to."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness

from .conftest import FORM, People

STATE = "customer.customer-changed.v1"
FACTS = {
    "created": {"opportunity_id": None},
    "linked": {"opportunity_id": "01990b1e-7f6a-7c3e-8a51-0c2f6f3d1a10"},
    "lost": {
        "warning_id": "0199c2a4-3333-7000-8000-000000000003",
        "reason_code": "price",
        "reason": "Moved to a cheaper supplier.",
        "manager_at_loss_id": None,
        "confirmed_by": "0199c2a4-1111-7000-8000-000000000001",
    },
    "reactivated": {"cause": "order", "reactivated_at": "2026-11-21T02:00:00Z", "reason": None},
}


def _state(harness: Harness, ident: str, name: str, **changes: Any) -> dict[str, Any]:
    state: dict[str, Any] = harness.example(STATE)
    return state | {"id": ident, "name": name, **changes}


def _envelopes(
    harness: Harness, version: int, state: dict[str, Any], fact: str | None = None, **own: Any
) -> list[bytes]:
    """The events of one change of a customer: the fact, if there is one, and the state."""
    messages = []
    if fact:
        data = state | FACTS[fact] | own
        event_type = f"customer.customer-{fact}.v1"
        messages.append(harness.envelope(event_type, data, subject=state["id"], version=version))
    return [*messages, harness.envelope(STATE, state, subject=state["id"], version=version)]


def _deleted(harness: Harness, ident: str, version: int) -> bytes:
    event_type = "customer.customer-deleted.v1"
    return harness.envelope(event_type, {"id": ident}, subject=ident, version=version)


def _deliver(harness: Harness, *messages: bytes) -> None:
    harness.inbox.handle(messages)
    assert [failed.reason for failed in harness.failed()] == []


def _name_of(harness: Harness, people: People, ident: str) -> str | None:
    """The name of a customer in marketing's replica; None if the id is unknown."""
    form = {k: v for k, v in FORM.items() if k != "customer_name"} | {"customer_id": ident}
    response = harness.as_(people.manager).request("POST", "/opportunities", form)
    if response.status_code == 422:
        [error] = response.get_json()["errors"]
        assert (error["pointer"], error["code"]) == ("/customer_id", "unknown-reference")
        return None
    assert response.status_code == 201
    assert response.get_json()["customer_id"] == ident
    name: str = response.get_json()["customer_name"]
    return name


def test_an_opportunity_may_name_a_known_customer_in_any_state(
    harness: Harness, people: People
) -> None:
    known, lost = str(new_id()), str(new_id())
    assert _name_of(harness, people, known) is None
    _deliver(harness, *_envelopes(harness, 1, _state(harness, known, "Acme"), "created"))
    assert _name_of(harness, people, known) == "Acme"
    _deliver(harness, *_envelopes(harness, 1, _state(harness, lost, "Gone", status="lost"), "lost"))
    assert _name_of(harness, people, lost) == "Gone"  # win-back business


def test_deleted_and_merged_customers_are_unknown(harness: Harness, people: People) -> None:
    deleted, merged = str(new_id()), str(new_id())
    for ident in (deleted, merged):
        _deliver(harness, *_envelopes(harness, 1, _state(harness, ident, "Acme"), "created"))
    _deliver(harness, _deleted(harness, deleted, 2))
    state = _state(harness, merged, "Acme", merged_into=str(new_id()))
    _deliver(harness, *_envelopes(harness, 2, state))
    assert _name_of(harness, people, deleted) is None
    assert _name_of(harness, people, merged) is None
    # One is restored, the other found not to be a duplicate after all.
    for ident in (deleted, merged):
        _deliver(harness, *_envelopes(harness, 3, _state(harness, ident, "Again")))
        assert _name_of(harness, people, ident) == "Again"


def test_older_and_repeated_events_change_nothing(harness: Harness, people: People) -> None:
    ident = str(new_id())
    newest = _envelopes(harness, 5, _state(harness, ident, "New"))
    oldest = _envelopes(harness, 4, _state(harness, ident, "Old"), "created")
    _deliver(harness, *newest)
    _deliver(harness, *oldest, *newest, *oldest)
    assert _name_of(harness, people, ident) == "New"
    _deliver(harness, _deleted(harness, ident, 3))
    assert _name_of(harness, people, ident) == "New"
    _deliver(harness, _deleted(harness, ident, 6), *newest)
    assert _name_of(harness, people, ident) is None


def test_a_renamed_customer_renames_no_opportunity(harness: Harness, people: People) -> None:
    ident = str(new_id())
    _deliver(harness, *_envelopes(harness, 1, _state(harness, ident, "Before"), "created"))
    assert _name_of(harness, people, ident) == "Before"
    _deliver(harness, *_envelopes(harness, 2, _state(harness, ident, "After")))
    [made] = harness.as_(people.manager).get("/opportunities")["items"]
    assert (made["customer_name"], made["version"]) == ("Before", 1)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    facts=st.lists(st.sampled_from([None, *FACTS, "deleted"]), min_size=2, max_size=5),
    order=st.randoms(use_true_random=False),
    cuts=st.lists(st.integers(1, 10), max_size=3),
)
def test_any_order_and_any_batches_end_in_the_newest_state(
    harness: Harness, people: People, facts: list[str | None], order: Any, cuts: list[int]
) -> None:
    ident, messages = str(new_id()), []
    for version, fact in enumerate(facts, 1):
        if fact == "deleted":
            messages.append(_deleted(harness, ident, version))
            continue
        state = _state(harness, ident, f"Name {version}")
        messages += _envelopes(harness, version, state, fact)
    messages += messages[:2]
    order.shuffle(messages)
    edges = [0, *sorted({cut for cut in cuts if cut < len(messages)}), len(messages)]
    for start, end in zip(edges, edges[1:], strict=False):
        _deliver(harness, *messages[start:end])
    expected = None if facts[-1] == "deleted" else f"Name {len(facts)}"
    assert _name_of(harness, people, ident) == expected


def test_the_customer_of_a_won_opportunity_is_recorded_and_published_once(
    harness: Harness, people: People, make: Any
) -> None:
    won, ident = make("won"), str(new_id())
    audited = len(harness.published("marketing.audit-recorded.v1"))
    messages = _envelopes(
        harness, 1, _state(harness, ident, "Acme"), "created", opportunity_id=won["id"]
    )
    _deliver(harness, *messages)
    _deliver(harness, *messages)
    # The same fact, sent again by `replay`: another event of the same content.
    _deliver(harness, *_envelopes(
        harness, 1, _state(harness, ident, "Acme"), "created", opportunity_id=won["id"]
    ))  # fmt: skip
    shown = harness.as_(people.manager).get(f"/opportunities/{won['id']}")
    assert (shown["customer_id"], shown["version"]) == (ident, won["version"] + 1)
    assert (shown["status"], shown["customer_name"]) == ("won", FORM["customer_name"])
    states = [
        event for event in harness.published("marketing.opportunity-changed.v1")
        if event["data"]["customer_id"] == ident
    ]  # fmt: skip
    assert [event["aggregateversion"] for event in states] == [shown["version"]]
    # The system's own changes are not audited.
    assert len(harness.published("marketing.audit-recorded.v1")) == audited


def test_every_opportunity_of_a_customer_is_linked_to_it(
    harness: Harness, people: People, make: Any
) -> None:
    first, second, other = make("won"), make("won"), make("won")
    ident = str(new_id())
    state = _state(harness, ident, "Acme")
    # The second before the first, as events may overtake each other.
    _deliver(harness, *_envelopes(harness, 2, state, "linked", opportunity_id=second["id"]))
    _deliver(harness, *_envelopes(harness, 1, state, "created", opportunity_id=first["id"]))
    client = harness.as_(people.manager)
    linked = [client.get(f"/opportunities/{o['id']}")["customer_id"] for o in (first, second)]
    assert linked == [ident, ident]
    assert client.get(f"/opportunities/{other['id']}")["customer_id"] is None
    assert client.get(f"/opportunities?customer_id={ident}")["total"] == 2


def test_a_customer_of_no_or_an_unknown_opportunity_links_nothing(
    harness: Harness, people: People, make: Any
) -> None:
    won = make("won")
    for opportunity_id in (None, str(new_id())):
        state = _state(harness, str(new_id()), "Acme")
        _deliver(harness, *_envelopes(harness, 1, state, "created", opportunity_id=opportunity_id))
        assert _name_of(harness, people, state["id"]) == "Acme"
    assert harness.as_(people.manager).get(f"/opportunities/{won['id']}") == won


def test_editing_to_another_customer_copies_its_name_and_to_none_needs_one(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    ident, gone = str(new_id()), str(new_id())
    _deliver(harness, *_envelopes(harness, 1, _state(harness, ident, "Acme"), "created"))
    _deliver(harness, *_envelopes(harness, 1, _state(harness, gone, "Gone"), "created"))
    _deliver(harness, _deleted(harness, gone, 2))
    manager, path = harness.as_(people.manager), f"/opportunities/{made['id']}"

    def patch(status: int, **changes: Any) -> Any:
        return manager.expect(status, "PATCH", path, changes, if_match="*")

    edited = patch(200, customer_id=ident)
    assert (edited["customer_id"], edited["customer_name"]) == (ident, "Acme")
    for refused, code in (
        ({"customer_id": gone}, "unknown-reference"),
        ({"customer_id": str(new_id())}, "unknown-reference"),
        ({"customer_id": None}, "customer-or-name"),
        ({"customer_id": ident, "customer_name": "Another"}, "customer-or-name"),
    ):
        [error] = patch(422, **refused)["errors"]
        assert error["code"] == code
    assert manager.get(path) == edited
    named = patch(200, customer_id=None, customer_name="A new company")
    assert (named["customer_id"], named["customer_name"]) == (None, "A new company")
    for body in (FORM | {"customer_id": ident}, {k: FORM[k] for k in FORM if k != "customer_name"}):
        [error] = manager.post("/opportunities", body, 422)["errors"]
        assert (error["pointer"], error["code"]) == ("/customer_name", "customer-or-name")


def test_a_copy_keeps_the_customer_and_its_predecessor(
    harness: Harness, people: People, make: Any
) -> None:
    won, ident = make("won", region="north", products=["A4"]), str(new_id())
    state = _state(harness, ident, "Acme")
    _deliver(harness, *_envelopes(harness, 1, state, "created", opportunity_id=won["id"]))
    copy = harness.as_(people.manager).post(f"/opportunities/{won['id']}/copy", {}, 201)
    assert (copy["customer_id"], copy["previous_id"]) == (ident, won["id"])
    assert (copy["region"], copy["products"], copy["status"]) == ("north", ["A4"], "unassigned")
    assert copy["number"] != won["number"]
    for name in (
        "amount", "closed_at", "assignee_id", "assigned_at", "stage", "close_reason",
        "close_reason_code", "competitor", "expected_close_date",
    ):  # fmt: skip
        assert copy[name] is None, name
    assert (
        harness.as_(people.director).post(
            f"/opportunities/{copy['id']}/assign", {"assignee_id": str(people.manager.id)}
        )["version"]
        > copy["version"]
    )
