"""The audit trail: ingested once, ordered by occurrence, and searchable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from kehu_auth.features.audit.models import AuditEntry
from kehu_auth.features.audit.service import AUDIT_ENTRIES
from kehu_chassis import clock
from kehu_chassis.data.database import NIL, new_id
from kehu_chassis.testing.plans import plans_of

SERVICES = ("auth", "customer", "marketing", "reporting", "service-desk")
FILTERS = (
    "service",
    "actor_id",
    "action",
    "outcome",
    "code",
    "record_type",
    "record_id",
    "request_id",
)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def _data(**changes: Any) -> dict[str, Any]:
    data = {
        "id": str(new_id()),
        "occurred_at": NOON.isoformat(),
        "actor_id": str(NIL),
        "actor_kind": "user",
        "operation": "update_customer",
        "action": "changed",
        "outcome": "done",
        "code": None,
        "record_type": "customer",
        "record_id": str(new_id()),
        "changes": [{"field": "name", "old": "A", "new": "B"}],
        "request_id": "0123456789abcdef",
    }
    return data | changes


def _deliver(world: Any, producer: str = "customer", **changes: Any) -> dict[str, Any]:
    data = _data(**changes)
    world.harness.deliver(f"{producer}.audit-recorded.v1", data, subject=data["id"])
    return data


@pytest.fixture
def admin(world: Any) -> Any:
    return world.administrator()


@pytest.mark.parametrize("producer", SERVICES)
def test_entries_of_every_service_are_recorded(world: Any, admin: Any, producer: str) -> None:
    user = world.person("li.wei", display_name="李伟")
    data = _deliver(world, producer, actor_id=str(user.id))
    [kept] = admin.get("/audit-entries")["items"]
    assert kept.pop("service") == producer and kept.pop("actor_name") == "李伟"
    assert kept.pop("actions") == []
    assert kept == data | {"occurred_at": kept["occurred_at"]}
    assert datetime.fromisoformat(kept["occurred_at"]) == NOON
    assert admin.get(f"/audit-entries/{data['id']}")["record_id"] == data["record_id"]


@pytest.mark.parametrize("producer", SERVICES)
def test_the_contract_examples_are_ingested(world: Any, admin: Any, producer: str) -> None:
    example = world.harness.example(f"{producer}.audit-recorded.v1")
    world.harness.deliver(f"{producer}.audit-recorded.v1", example, subject=example["id"])
    assert admin.get("/audit-entries")["items"][0]["id"] == example["id"]


def test_a_repeated_event_changes_nothing(world: Any, admin: Any) -> None:
    data = _data()
    for event_id in ("one", "one", "another"):
        world.harness.deliver(
            "customer.audit-recorded.v1", data, subject=data["id"], event_id=event_id
        )
    assert admin.get("/audit-entries")["total"] == 1


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
@pytest.mark.parametrize(
    ("producer", "changes"),
    [("marketing", {}), ("customer", {"action": "deleted"}), ("marketing", {"outcome": "refused"})],
)
def test_the_id_of_an_entry_belongs_to_the_first(
    world: Any, admin: Any, together: bool, producer: str, changes: dict[str, Any]
) -> None:
    """Neither another service nor the same one replaces or hides it."""
    harness = world.harness
    data = _data()
    other = _data(id=data["id"], **changes)
    bodies = [
        harness.envelope("customer.audit-recorded.v1", data, subject=data["id"]),
        harness.envelope(f"{producer}.audit-recorded.v1", other, subject=data["id"]),
        harness.envelope("reporting.audit-recorded.v1", _data()),
    ]
    for batch in [bodies] if together else [[body] for body in bodies]:
        harness.inbox.handle(batch)
    entry = admin.get(f"/audit-entries/{data['id']}")
    assert (entry["service"], entry["record_id"]) == ("customer", data["record_id"])
    assert admin.get("/audit-entries")["total"] == 2
    (dead,) = harness.failed()
    assert (dead.state, dead.code, dead.body) == ("dead", "reused-id", bodies[1])
    (shown,) = admin.get("/dead-letters?code=reused-id")["items"]
    assert "已使用该 id" in shown["explanation"], "the language of her profile"


def test_entries_are_ordered_by_occurrence_not_by_arrival(world: Any, admin: Any) -> None:
    minutes = [7, 1, 9, 3, 5, 3]
    for minute in minutes:
        _deliver(world, occurred_at=(NOON + timedelta(minutes=minute)).isoformat())
    shown = []
    path = "/audit-entries?limit=4"
    page = admin.get(path)
    shown += page["items"]
    shown += admin.get(f"{path}&cursor={page['next_cursor']}")["items"]
    moments = [datetime.fromisoformat(entry["occurred_at"]) for entry in shown]
    assert moments == [NOON + timedelta(minutes=m) for m in sorted(minutes, reverse=True)]
    oldest_first = admin.get("/audit-entries?sort=occurred_at")["items"]
    assert [e["id"] for e in oldest_first] == [e["id"] for e in reversed(shown)]


def test_finding_entries(world: Any, admin: Any) -> None:
    user = world.person("li.wei")
    mine = _deliver(world, actor_id=str(user.id), record_type="contact", action="created")
    other = _deliver(
        world,
        "marketing",
        outcome="refused",
        action="refused",
        code="forbidden",
        occurred_at=(NOON + timedelta(hours=1)).isoformat(),
    )

    def found(query: str) -> list[str]:
        return [entry["id"] for entry in admin.get(f"/audit-entries?{query}")["items"]]

    for query in (
        f"actor_id={user.id}",
        f"record_id={mine['record_id']}",
        "record_type=contact",
        "action=created",
        "outcome=done",
        "service=customer",
        "occurred_at_to=2026-11-20T12:30:00Z",
    ):
        assert found(query) == [mine["id"]], query
    for query in ("outcome=refused", "code=forbidden", "occurred_at_from=2026-11-20T20:30:00%2B08"):
        assert found(query) == [other["id"]], query
    assert found("outcome=done,refused") == [other["id"], mine["id"]]
    admin.get("/audit-entries?outcome=maybe", 422)
    assert found("occurred_at_from=2026-11-20&occurred_at_to=2026-11-20") == [
        other["id"],
        mine["id"],
    ]
    assert found("occurred_at_from=2026-11-21") == []
    admin.get("/audit-entries?occurred_at_from=2026-11-20T12:00", 422)
    admin.get(f"/audit-entries/{new_id()}", 404)


def test_the_actor_is_named_the_system_included(world: Any, admin: Any) -> None:
    nobody = str(NIL)
    system = _deliver(world, "customer", actor_id=nobody, actor_kind="system")
    unknown = _deliver(world, "customer", actor_id=nobody, actor_kind="anonymous")
    gone = _deliver(world, "customer", actor_id=str(new_id()))
    for entry, name in ((system, "系统"), (unknown, None), (gone, None)):
        assert admin.get(f"/audit-entries/{entry['id']}")["actor_name"] == name


def test_own_audit_entries_are_ingested_in_the_same_way(world: Any, admin: Any) -> None:
    """This service publishes its audit entries, too, and ingests them like all others."""
    made = admin.post("/departments", {"name": "East"}, 201)
    world.person("li.wei")
    assert world.as_("li.wei").get("/users", 403)["code"] == "forbidden"
    for event in world.harness.published("auth.audit-recorded.v1"):
        world.harness.deliver(
            event["type"], event["data"], subject=event["subject"], event_id=event["id"]
        )
    [created] = admin.get(f"/audit-entries?record_id={made['id']}")["items"]
    assert created["action"] == "created" and created["actor_name"] == "Boss"
    assert created["operation"] == "create_department"
    [refused] = admin.get("/audit-entries?outcome=refused")["items"]
    assert refused["code"] == "forbidden" and refused["operation"] == "list_users"
    assert admin.get("/audit-entries?action=login")["total"] == 2


REFUSAL = {
    "occurred_at": "2026-11-20T12:00:00.123456+00:00",
    "caller_id": None,
    "method": "GET",
    "path": "/api/v1/customer/customers",
    "operation": "list_customers",
    "permission": "customer:read",
    "record_type": "customer",
    "record_id": "0199d3a5-3b36-7d1c-9c53-1d1c6a5d2a10",
    "status": 401,
    "code": "unauthenticated",
    "address": "192.0.2.7",
    "request_id": "0123456789abcdef",
}


def _refuse(world: Any, refusals: Any, key: str | None = "an internal key for tests") -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    http = world.harness.app.test_client()
    body = {"refusals": refusals}
    status: int = http.post("/auth/refusals", json=body, headers=headers).status_code
    return status


def test_refusals_of_the_gateway_are_recorded_once(world: Any, admin: Any) -> None:
    user = world.person("li.wei")
    known = REFUSAL | {"caller_id": str(user.id), "status": 403, "code": "forbidden"}
    known["occurred_at"] = "2026-11-20T12:00:01+00:00"
    for _ in range(2):
        assert _refuse(world, [REFUSAL, known]) == 204
    second, first = admin.get("/audit-entries?service=gateway")["items"]
    assert (first["code"], first["actor_kind"], first["actor_id"]) == (
        "unauthenticated",
        "anonymous",
        str(NIL),
    )
    assert (second["actor_kind"], second["actor_id"]) == ("user", str(user.id))
    assert second["action"] == second["outcome"] == "refused"
    assert {"field": "path", "old": None, "new": REFUSAL["path"]} in second["changes"]
    assert {"field": "status", "old": None, "new": 403} in second["changes"]
    assert second["request_id"] == REFUSAL["request_id"]
    about = f"record_type=customer&record_id={REFUSAL['record_id']}"
    assert admin.get(f"/audit-entries?{about}")["total"] == 2


def test_a_large_batch_of_refusals_is_recorded(world: Any, admin: Any) -> None:
    batch = [REFUSAL | {"request_id": f"{n:032}", "path": "/" + "x" * 8000} for n in range(100)]
    assert _refuse(world, batch) == 204
    page = admin.get("/audit-entries?limit=200")
    assert len(page["items"]) == 100
    assert all(len(str(entry["changes"])) < 1000 for entry in page["items"])
    assert _refuse(world, []) == 204


def test_only_the_gateway_reports_refusals(world: Any) -> None:
    for key in (None, "wrong", "ein Schlüssel", ""):
        assert _refuse(world, [REFUSAL], key) == 401
    assert _refuse(world, [{"path": "/"}]) == 422


def test_a_sum_of_refusals_is_one_entry_with_their_number(world: Any, admin: Any) -> None:
    assert _refuse(world, [REFUSAL | {"count": 4711}]) == 204
    [entry] = admin.get("/audit-entries?service=gateway")["items"]
    assert {"field": "count", "old": None, "new": 4711} in entry["changes"]
    assert _refuse(world, [REFUSAL | {"count": 0}]) == 422


def _kept(admin: Any) -> set[tuple[str, str]]:
    entries = admin.get("/audit-entries?service=customer")["items"]
    return {(entry["outcome"], entry["occurred_at"][:10]) for entry in entries}


def test_old_entries_are_deleted_refusals_earlier(
    world: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    for days in (0, 179, 181, 1094, 1096):
        for outcome in ("done", "refused"):
            when = (NOON - timedelta(days=days)).isoformat()
            _deliver(world, outcome=outcome, occurred_at=when)
    first = world.harness.run_job("delete-old-audit-entries")
    assert first == {"done": 1, "refused": 3}
    assert _kept(admin) == {
        ("done", "2026-11-20"), ("done", "2026-05-25"), ("done", "2026-05-23"),
        ("done", "2023-11-22"), ("refused", "2026-11-20"), ("refused", "2026-05-25"),
    }  # fmt: skip
    assert world.harness.run_job("delete-old-audit-entries") == {"done": 0, "refused": 0}
    purged = world.audited("purged")
    assert [{c["field"]: c["new"] for c in each["changes"]} for each in purged] == [
        {"outcome": "done", "before": (NOON - timedelta(days=1095)).isoformat(), "count": 1},
        {"outcome": "refused", "before": (NOON - timedelta(days=180)).isoformat(), "count": 3},
    ]


def test_how_long_entries_are_kept_is_a_setting(
    world: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.expect(200, "PUT", "/settings/audit_refusal_days", {"value": 30}, if_match=0)
    admin.expect(422, "PUT", "/settings/audit_days", {"value": 364}, if_match=0)
    monkeypatch.setattr(clock, "now", lambda: NOON)
    _deliver(world, outcome="refused", occurred_at=(NOON - timedelta(days=31)).isoformat())
    _deliver(world, outcome="done", occurred_at=(NOON - timedelta(days=31)).isoformat())
    assert world.harness.run_job("delete-old-audit-entries") == {"done": 0, "refused": 1}


@pytest.mark.parametrize("name", FILTERS)
def test_rare_entries_are_found_by_an_index(world: Any, name: str) -> None:
    _deliver(world)
    with world.harness.session() as session:
        columns = [column.name for column in AuditEntry.__table__.columns if column.name != "id"]
        session.execute(
            text(
                f"INSERT INTO audit_entry (id, {', '.join(columns)})"
                f" SELECT gen_random_uuid(), {', '.join(columns)}"
                " FROM audit_entry, generate_series(1, 5000)"
            )
        )
        session.execute(text("ANALYZE audit_entry"))
    rare = {name: [new_id() if name == "actor_id" else "rare"]}
    plans = plans_of(world.harness, AUDIT_ENTRIES, select(AuditEntry), sort="-occurred_at", **rare)
    assert f'"Index Cond": "({name} = ' in plans
