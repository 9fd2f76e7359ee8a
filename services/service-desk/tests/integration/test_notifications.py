"""Who is notified of what, once; reading and marking notifications."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from sqlalchemy import update

from kehu_chassis import clock
from kehu_chassis.data.database import new_id
from kehu_chassis.identity.directory import Person
from kehu_chassis.messaging.failures import FailedEvent
from kehu_chassis.testing import Harness, User

from .conftest import UNAVAILABLE

OPPORTUNITY = "marketing.opportunity-changed.v1"
ASSIGNED = "marketing.opportunity-assigned.v1"
WARNED = "customer.churn-warned.v1"


def _received(harness: Harness, user: User) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = harness.as_(user).get("/notifications")["items"]
    return items


def _codes(harness: Harness, user: User) -> list[str]:
    return [item["code"] for item in _received(harness, user)]


def _warning(manager: User | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "customer_id": str(new_id()),
        "customer_number": "KH-2026-000001",
        "customer_name": "北京长城贸易有限公司",
        "manager_id": str(manager.id) if manager else None,
        "kind": "inactive",
        "state": "open",
        "last_order_on": "2026-04-30",
        "cut_off_on": "2026-05-21",
        "opened_at": "2026-11-20T18:00:00Z",
        "closed_at": None,
        "next_review_on": None,
        **changes,
    }


def _warn(harness: Harness, warning: dict[str, Any], **options: Any) -> None:
    harness.deliver(WARNED, warning, subject=warning["id"], **options)


def _assignment(harness: Harness, to: UUID, **changes: Any) -> dict[str, Any]:
    example: dict[str, Any] = harness.example(ASSIGNED)
    return example | {"assignee_id": str(to), **changes}


def test_the_assignee_of_an_opportunity_is_notified_in_their_language(
    harness: Harness, staff: Any
) -> None:
    data = _assignment(harness, staff.manager.id)
    state = harness.example(OPPORTUNITY) | {"assignee_id": data["assignee_id"], "id": data["id"]}
    harness.deliver(OPPORTUNITY, state, subject=data["id"], version=2)
    harness.deliver(ASSIGNED, data, subject=data["id"], version=2)
    client = harness.as_(staff.manager)
    english = client.expect(200, "GET", "/notifications", accept_language="en")["items"][0]
    assert english["title"] == "An opportunity was assigned to you"
    assert data["number"] in english["body"]
    chinese = client.expect(200, "GET", "/notifications", accept_language="zh-CN")["items"][0]
    assert chinese["title"] == "您有新分配的销售机会"
    assert (chinese["record_type"], chinese["record_id"]) == ("opportunity", data["id"])


def test_on_reassignment_the_previous_assignee_is_notified_too(
    harness: Harness, staff: Any
) -> None:
    data = _assignment(harness, staff.colleague.id, previous_assignee_id=str(staff.manager.id))
    harness.deliver(ASSIGNED, data, subject=data["id"], version=3)
    assert _codes(harness, staff.colleague) == ["opportunity-assigned"]
    assert _codes(harness, staff.manager) == ["opportunity-reassigned"]


def test_nobody_is_notified_of_what_they_did_themselves(harness: Harness, staff: Any) -> None:
    data = _assignment(harness, staff.manager.id, assigned_by=str(staff.manager.id))
    harness.deliver(ASSIGNED, data, subject=data["id"], version=2)
    assert _codes(harness, staff.manager) == []


def test_a_replayed_event_notifies_nobody_twice_and_a_later_one_does(
    harness: Harness, staff: Any
) -> None:
    data = _assignment(harness, staff.manager.id)
    for event_id in ("a", "a", "b"):
        harness.deliver(ASSIGNED, data, subject=data["id"], version=2, event_id=event_id)
    assert len(_received(harness, staff.manager)) == 1
    harness.deliver(ASSIGNED, data, subject=data["id"], version=5)
    assert len(_received(harness, staff.manager)) == 2


def test_the_manager_is_notified_of_a_churn_warning(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    warning = _warning(staff.manager, customer_id=make_customer(staff.manager)["id"])
    _warn(harness, warning)
    _warn(harness, warning)
    received = _received(harness, staff.manager)
    assert [item["code"] for item in received] == ["churn-warned"]
    assert "2026-04-30" in received[0]["body"]
    assert received[0]["record_id"] == warning["id"]
    assert _codes(harness, staff.director) == []


def test_a_never_ordered_warning_has_its_own_text(harness: Harness, staff: Any) -> None:
    _warn(harness, _warning(staff.manager, kind="never_ordered", last_order_on=None))
    assert _codes(harness, staff.manager) == ["churn-warned-never-ordered"]


@UNAVAILABLE
def test_the_directors_are_notified_if_the_manager_is_not_available(
    harness: Harness, staff: Any, change: dict[str, Any]
) -> None:
    with harness.session() as session:
        session.execute(update(Person).where(Person.id == staff.manager.id).values(change))
    _warn(harness, _warning(staff.manager))
    assert _codes(harness, staff.director) == ["churn-warned"]
    assert _codes(harness, staff.other_director) == []


def test_warnings_without_manager_become_one_growing_summary_per_director_and_day(
    harness: Harness, staff: Any
) -> None:
    first, second = _warning(), _warning()
    _warn(harness, first)
    director = harness.as_(staff.director)
    summary = _received(harness, staff.director)[0]
    director.post(f"/notifications/{summary['id']}/read")
    _warn(harness, first)
    assert director.get("/notifications/unread") == {"unread": 0}
    _warn(harness, second)
    received = _received(harness, staff.director)
    assert [(item["code"], item["count"], item["read_at"]) for item in received] == [
        ("churn-warned-unmanaged", 2, None)
    ]
    assert "2 new churn warnings" in received[0]["body"]
    assert len(_received(harness, staff.other_director)) == 1
    _warn(harness, _warning(opened_at="2026-11-27T18:00:00Z"))
    assert sorted(item["count"] for item in _received(harness, staff.director)) == [1, 2]


def test_the_day_of_a_summary_is_the_companys(harness: Harness, staff: Any) -> None:
    # 16:30 UTC is half past midnight in Shanghai: the next day.
    _warn(harness, _warning(opened_at="2026-11-20T15:30:00Z"))
    _warn(harness, _warning(opened_at="2026-11-20T16:30:00Z"))
    days = sorted(item["params"]["day"] for item in _received(harness, staff.director))
    assert days == ["2026-11-20", "2026-11-21"]


def test_each_scan_has_a_summary_of_its_own(harness: Harness, staff: Any) -> None:
    one, other = str(new_id()), str(new_id())
    # One continues past midnight in Shanghai; the other runs on the same day.
    for opened_at in ("2026-11-20T15:59:00Z", "2026-11-20T16:01:00Z"):
        _warn(harness, _warning(opened_at=opened_at, scan_id=one))
    for _ in range(3):
        _warn(harness, _warning(opened_at="2026-11-20T16:30:00Z", scan_id=other))
    assert sorted(item["count"] for item in _received(harness, staff.director)) == [2, 3]


def test_a_whole_scan_arrives_as_one_batch(harness: Harness, staff: Any) -> None:
    warnings = [_warning(staff.manager if n % 2 else None) for n in range(100)]
    bodies = [harness.envelope(WARNED, w, subject=w["id"]) for w in warnings]
    harness.inbox.handle(bodies)
    harness.inbox.handle(bodies)
    assert harness.failed() == []
    assert harness.as_(staff.manager).get("/notifications/unread") == {"unread": 50}
    assert [item["count"] for item in _received(harness, staff.director)] == [50]


def test_a_batch_of_old_and_new_warnings_counts_the_new_ones(harness: Harness, staff: Any) -> None:
    first, second = _warning(), _warning()
    _warn(harness, first)
    # The same warning under another event id, as a resync publishes it.
    harness.inbox.handle([harness.envelope(WARNED, w, subject=w["id"]) for w in (first, second)])
    assert [item["count"] for item in _received(harness, staff.director)] == [2]


def test_two_consumers_count_every_warning_once(harness: Harness, staff: Any) -> None:
    bodies = [harness.envelope(WARNED, w, subject=w["id"]) for w in [_warning() for _ in range(40)]]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: harness.inbox.handle(bodies[n::4] + bodies[:5]), range(4)))
    assert harness.failed() == []
    assert [item["count"] for item in _received(harness, staff.director)] == [40]


def test_the_director_is_notified_of_an_unattended_warning(harness: Harness, staff: Any) -> None:
    warning = _warning(staff.manager)
    for version in (1, 1, 2):
        harness.deliver(
            "customer.churn-warning-unattended.v1",
            warning,
            subject=warning["id"],
            version=version,
        )
    assert _codes(harness, staff.director) == ["churn-unattended"]
    assert "2026-11-21" in _received(harness, staff.director)[0]["body"]
    assert _codes(harness, staff.other_director) == []
    assert _codes(harness, staff.manager) == []


def _lost(customer: dict[str, Any], manager: User | None) -> dict[str, Any]:
    return customer | {
        "status": "lost",
        "lost_at": clock.now().isoformat(),
        "warning_id": str(new_id()),
        "reason_code": "price",
        "reason": "Went to a cheaper one",
        "manager_at_loss_id": str(manager.id) if manager else None,
        "confirmed_by": str(new_id()),
    }


@pytest.mark.parametrize("managed", [True, False])
def test_the_director_of_the_manager_or_else_all_are_notified_of_a_loss(
    harness: Harness, staff: Any, make_customer: Any, managed: bool
) -> None:
    manager = staff.manager if managed else None
    data = _lost(make_customer(manager), manager)
    harness.deliver("customer.customer-lost.v1", data, subject=data["id"], version=2)
    harness.deliver("customer.customer-lost.v1", data, subject=data["id"], version=2)
    assert _codes(harness, staff.director) == ["customer-lost"]
    assert _codes(harness, staff.other_director) == ([] if managed else ["customer-lost"])
    assert "Went to a cheaper one" in _received(harness, staff.director)[0]["body"]


@pytest.mark.parametrize("days", [0, 2])
def test_a_new_director_is_not_notified_of_old_losses(
    harness: Harness, staff: Any, make_customer: Any, days: int
) -> None:
    data = _lost(make_customer(staff.manager), staff.manager)
    harness.deliver("customer.customer-lost.v1", data, subject=data["id"], version=2)
    assert _codes(harness, staff.director) == ["customer-lost"]
    east = staff.director.department_id
    appointed = harness.user("sales_director", department=east, name="appointed")
    # A resync publishes it again under another event id: on the same day, or an older loss of which
    # this database, restored from before it, notified nobody.
    if days:
        data |= {
            "warning_id": str(new_id()),
            "lost_at": (clock.now() - timedelta(days=days)).isoformat(),
        }
    harness.deliver("customer.customer-lost.v1", data, subject=data["id"], version=2)
    assert _codes(harness, staff.director) == ["customer-lost"]
    assert _codes(harness, appointed) == []


@pytest.mark.parametrize("event_type", ["lost", "churn-warning-unattended", "notice-raised"])
def test_nobody_is_notified_until_the_manager_is_known(
    harness: Harness, staff: Any, make_customer: Any, event_type: str
) -> None:
    manager = User(roles=("account_manager",), department_id=staff.director.department_id)
    data = {
        "lost": lambda: _lost(make_customer(manager), manager),
        "churn-warning-unattended": lambda: _warning(manager),
        "notice-raised": lambda: _notice("directors_of_manager", manager=manager),
    }[event_type]()
    name = "customer-lost" if event_type == "lost" else event_type
    harness.inbox.handle([harness.envelope(f"customer.{name}.v1", data)])
    assert [failed.state for failed in harness.failed()] == ["retrying"]
    assert _received(harness, staff.director) == _received(harness, staff.other_director) == []
    person = harness.example("auth.user-changed.v1") | {
        "id": str(manager.id),
        "department_id": str(manager.department_id),
        "roles": list(manager.roles),
    }
    harness.deliver("auth.user-changed.v1", person, subject=person["id"])
    with harness.session() as session:
        session.execute(update(FailedEvent).values(next_attempt_at=clock.now()))
    assert harness.inbox.run_due() == 1
    assert harness.failed() == []
    assert len(_received(harness, staff.director)) == 1
    assert _received(harness, staff.other_director) == []


def _notice(audience: str, *recipients: User, manager: User | None = None) -> dict[str, Any]:
    return {
        "kind": "opportunity-won-for-managed-customer",
        "customer_id": str(new_id()),
        "customer_number": "KH-2026-000001",
        "customer_name": "北京长城贸易有限公司",
        "recipients": [str(user.id) for user in recipients],
        "audience": audience,
        "manager_id": str(manager.id) if manager else None,
        "params": {"opportunity_number": "XS-2026-000001"},
    }


def test_a_notice_goes_to_its_recipients(harness: Harness, staff: Any) -> None:
    data = _notice("users", staff.manager, staff.colleague)
    for _ in range(2):
        harness.deliver("customer.notice-raised.v1", data, event_id="once")
    for user in (staff.manager, staff.colleague):
        assert _codes(harness, user) == ["notice-opportunity-won-for-managed-customer"]
    assert _codes(harness, staff.director) == []
    params = _received(harness, staff.manager)[0]["params"]
    assert params["opportunity_number"] == "XS-2026-000001"
    assert "XS-2026-000001" in _received(harness, staff.manager)[0]["body"]


def test_a_notice_goes_to_the_director_of_the_manager_or_to_all(
    harness: Harness, staff: Any
) -> None:
    data = _notice("directors_of_manager", staff.colleague, manager=staff.manager)
    harness.deliver("customer.notice-raised.v1", data)
    assert len(_received(harness, staff.director)) == len(_received(harness, staff.colleague)) == 1
    assert _received(harness, staff.other_director) == []
    harness.deliver("customer.notice-raised.v1", _notice("all_directors"))
    assert len(_received(harness, staff.other_director)) == 1
    harness.deliver("customer.notice-raised.v1", _notice("directors_of_manager"))
    assert len(_received(harness, staff.other_director)) == 2


@UNAVAILABLE
def test_a_notice_for_an_unavailable_manager_goes_to_the_directors(
    harness: Harness, staff: Any, change: dict[str, Any]
) -> None:
    with harness.session() as session:
        session.execute(update(Person).where(Person.id == staff.manager.id).values(change))
    data = _notice("users", staff.manager, manager=staff.manager) | {"kind": "churn-review-due"}
    harness.deliver("customer.notice-raised.v1", data)
    assert _codes(harness, staff.director) == ["notice-churn-review-due"]
    assert _codes(harness, staff.other_director) == _codes(harness, staff.manager) == []


def test_managers_and_directors_are_notified_of_a_namesake(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    data = harness.example("customer.namesake-created.v1") | {
        "manager_id": str(staff.manager.id),
        "namesake_manager_id": str(staff.colleague.id),
    }
    make_customer(staff.manager, id=data["id"])
    for _ in range(2):
        harness.deliver("customer.namesake-created.v1", data)
    for user in (staff.manager, staff.colleague, staff.director):
        [notice] = _received(harness, user)
        link = None if user is staff.colleague else data["id"]
        assert (notice["code"], notice["record_id"]) == ("customer-namesake", link)
        assert data["namesake_number"] in notice["body"] and data["number"] in notice["body"]
    assert _received(harness, staff.other_director) == []


def test_all_directors_are_notified_of_a_namesake_that_nobody_manages(
    harness: Harness, staff: Any
) -> None:
    nobody = {"manager_id": None, "namesake_manager_id": None}
    data = harness.example("customer.namesake-created.v1") | nobody
    harness.deliver("customer.namesake-created.v1", data)
    for user in (staff.director, staff.other_director):
        assert _codes(harness, user) == ["customer-namesake"]


def test_everybody_sees_and_reads_their_own_only(harness: Harness, staff: Any) -> None:
    harness.deliver("customer.notice-raised.v1", _notice("users", staff.manager, staff.colleague))
    mine = _received(harness, staff.manager)[0]
    harness.as_(staff.colleague).post(f"/notifications/{mine['id']}/read", {}, 404)
    read = harness.as_(staff.manager).post(f"/notifications/{mine['id']}/read")
    assert read["read_at"]
    again = harness.as_(staff.manager).post(f"/notifications/{mine['id']}/read")
    assert again["read_at"] == read["read_at"]
    assert harness.as_(staff.colleague).get("/notifications/unread") == {"unread": 1}
    harness.as_(None).get("/notifications", 401)


def test_unread_are_counted_filtered_and_all_marked_at_once(harness: Harness, staff: Any) -> None:
    client = harness.as_(staff.manager)
    for _ in range(3):
        _warn(harness, _warning(staff.manager))
    first = _received(harness, staff.manager)[0]
    client.post(f"/notifications/{first['id']}/read")
    page = client.get("/notifications?unread=true&limit=1")
    assert (page["unread"], page["total"], len(page["items"])) == (2, 2, 1)
    assert client.get("/notifications?unread=false")["items"][0]["id"] == first["id"]
    assert client.post("/notifications/read-all") == {"marked": 2}
    assert client.get("/notifications/unread") == {"unread": 0}


def test_marking_all_until_a_moment_leaves_later_ones_unread(harness: Harness, staff: Any) -> None:
    client = harness.as_(staff.manager)
    _warn(harness, _warning(staff.manager))
    seen = _received(harness, staff.manager)[0]["updated_at"]
    _warn(harness, _warning(staff.manager))
    assert client.post(f"/notifications/read-all?until={quote(seen)}") == {"marked": 1}
    assert client.get("/notifications/unread") == {"unread": 1}


def test_polling_returns_304_until_something_changes(harness: Harness, staff: Any) -> None:
    client = harness.as_(staff.manager)
    _warn(harness, _warning(staff.manager))
    for path in ("/notifications", "/notifications/unread"):
        first = client.request("GET", path)
        tag = first.headers["ETag"]
        same = client.request("GET", path, if_none_match=tag)
        assert (same.status_code, same.data) == (304, b"")
        assert same.headers["ETag"] == tag
        _warn(harness, _warning(staff.manager))
        changed = client.request("GET", path, if_none_match=tag)
        assert changed.status_code == 200
        tag = changed.headers["ETag"]
        client.post("/notifications/read-all")
        assert client.request("GET", path, if_none_match=tag).status_code == 200


def test_the_tag_is_of_a_language_and_a_person(harness: Harness, staff: Any) -> None:
    harness.deliver("customer.notice-raised.v1", _notice("users", staff.manager, staff.colleague))
    manager, colleague = harness.as_(staff.manager), harness.as_(staff.colleague)
    english = manager.request("GET", "/notifications", accept_language="en").headers["ETag"]
    chinese = manager.request("GET", "/notifications", accept_language="zh").headers["ETag"]
    other = colleague.request("GET", "/notifications", accept_language="en").headers["ETag"]
    assert len({english, chinese, other}) == 3


def test_notifications_are_paged_newest_first(harness: Harness, staff: Any) -> None:
    for _ in range(5):
        _warn(harness, _warning(staff.manager))
    client = harness.as_(staff.manager)
    page = client.get("/notifications?limit=3")
    rest = client.get(f"/notifications?limit=3&cursor={page['next_cursor']}")
    moments = [item["updated_at"] for item in page["items"] + rest["items"]]
    assert len(moments) == 5
    assert moments == sorted(moments, reverse=True)


def test_notifications_leave_no_trace_in_the_audit_trail(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    make_request("assigned", assignee=staff.manager)
    harness.as_(staff.manager).post("/notifications/read-all")
    types = {e["data"]["record_type"] for e in harness.published("service-desk.audit-recorded.v1")}
    assert types == {"service_request"}


def test_the_moment_of_reading_is_now(harness: Harness, staff: Any) -> None:
    _warn(harness, _warning(staff.manager))
    before = datetime.now(UTC)
    ident = _received(harness, staff.manager)[0]["id"]
    read = harness.as_(staff.manager).post(f"/notifications/{ident}/read")
    assert before <= datetime.fromisoformat(read["read_at"]) <= datetime.now(UTC)
