"""What every operation refuses, before it changes or publishes anything."""

from __future__ import annotations

import json
from typing import Any

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness

from .conftest import FORM, People
from .operations import OF_ITEMS, OF_ONE, OPERATIONS, STEP, body_of

STATES = ("unassigned", "developing", "won", "lost", "voided")


def _snapshot(harness: Harness, people: People, opportunity: dict[str, Any]) -> Any:
    """All that the executive can read of an opportunity, and the number of published events."""
    client, path = harness.as_(people.executive), f"/opportunities/{opportunity['id']}"
    read = [client.get(f"{path}{part}") for part in ("", "/history", "/plan-items")]
    return read, len([e for e in harness.published() if "audit" not in e["type"]])


def test_the_table_of_operations_matches_the_contract(harness: Harness) -> None:
    path = harness.settings.contracts / "openapi" / "marketing.json"
    described = {
        operation["operationId"]: (method.upper(), operation["x-permission"])
        for address, methods in json.loads(path.read_text())["paths"].items()
        if "/opportunities" in address
        for method, operation in methods.items()
        if "operationId" in operation
    }
    assert {name: (o.method, o.permission) for name, o in OPERATIONS.items()} == described


def test_nothing_is_reached_without_a_valid_token(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    before = _snapshot(harness, people, developing)
    for name, operation in OPERATIONS.items():
        address = operation.address(developing["id"], str(new_id()))
        options: dict[str, Any] = {"if_match": "*"} if operation.needs_if_match else {}
        body = body_of(operation, people)
        nobody = harness.as_(None)
        assert nobody.expect(401, operation.method, address, body, **options), name
        expired = harness.as_(people.manager, exp=1)
        assert expired.expect(401, operation.method, address, body, **options), name
    harness.as_(None).get("/stages", 401)
    assert _snapshot(harness, people, developing) == before


def test_a_role_without_the_permission_is_refused_and_the_refusal_recorded(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    before = _snapshot(harness, people, developing)
    for role, refusals in (
        ("admin", 25),
        ("marketing_specialist", 25),
        ("service_agent", 25),
        ("executive", 15),
        ("account_manager", 4),
    ):
        permissions = harness.identity.policy["roles"][role]
        person = people.manager if role == "account_manager" else harness.user(role)
        refused = {n: o for n, o in OPERATIONS.items() if o.permission not in permissions}
        assert len(refused) == refusals, role
        for operation in refused.values():
            address = operation.address(developing["id"], str(new_id()))
            options: dict[str, Any] = {"if_match": "*"} if operation.needs_if_match else {}
            problem = harness.as_(person).expect(
                403, operation.method, address, body_of(operation, people), **options
            )
            assert problem["code"] == "forbidden"
            assert problem["params"] == {"permission": operation.permission}
        entries = [e["data"] for e in harness.published("marketing.audit-recorded.v1")]
        theirs = [e for e in entries if e["actor_id"] == str(person.id)]
        recorded = [e["operation"] for e in theirs if e["outcome"] == "refused"]
        assert recorded == list(refused), role
        harness.as_(person).get("/stages")
    assert _snapshot(harness, people, developing) == before


def test_unknown_ids_are_not_found(
    harness: Harness, people: People, developing: dict[str, Any], made: dict[str, Any]
) -> None:
    director = harness.as_(people.director)
    item = director.post(f"/opportunities/{developing['id']}/plan-items", STEP, 201)
    other = harness.as_(people.manager).post("/opportunities", FORM, 201)
    director.post(f"/opportunities/{other['id']}/assign", {"assignee_id": str(people.manager.id)})
    for name, operation in OF_ONE.items():
        options: dict[str, Any] = {"if_match": "*"} if operation.needs_if_match else {}
        body = body_of(operation, people)
        places = [(str(new_id()), item["id"]), ("1", item["id"])]
        if name in OF_ITEMS:
            places += [(developing["id"], str(new_id())), (other["id"], item["id"])]
        for place in places:
            problem = director.expect(
                404, operation.method, operation.address(*place), body, **options
            )
            assert problem["code"] == "not-found", (name, place)
    assert director.get(f"/opportunities/{developing['id']}/plan-items/{item['id']}") == item


def test_other_methods_are_not_allowed(harness: Harness, people: People, made: Any) -> None:
    manager, one = harness.as_(people.manager), f"/opportunities/{made['id']}"
    for method, path, allowed in (
        ("PUT", one, {"DELETE", "GET", "PATCH"}),
        ("DELETE", "/opportunities", {"GET", "POST"}),
        ("GET", f"{one}/win", {"POST"}),
        ("POST", f"{one}/progress", {"PATCH"}),
        ("PUT", f"{one}/plan-items/{new_id()}", {"DELETE", "GET", "PATCH"}),
    ):
        response = manager.request(method, path, if_match="*")
        assert response.status_code == 405
        assert allowed <= set(response.headers["Allow"].split(", "))


def test_a_change_names_the_version_it_changes(harness: Harness, people: People, make: Any) -> None:
    unassigned, developing = make(), make("developing")
    director = harness.as_(people.director)
    item = director.post(f"/opportunities/{developing['id']}/plan-items", STEP, 201)
    before = [_snapshot(harness, people, one) for one in (unassigned, developing)]
    for name, operation in OF_ONE.items():
        if operation.method == "GET" or name in ("copy_opportunity", "add_plan_item"):
            continue
        target = unassigned if "unassigned" in operation.states else developing
        address, body = operation.address(target["id"], item["id"]), body_of(operation, people)
        # The creator, as nobody else may delete.
        client = harness.as_(people.manager) if operation.method == "DELETE" else director
        if operation.needs_if_match:
            problem = client.expect(428, operation.method, address, body)
            assert problem["code"] == "precondition-required", name
        version = item["version"] if name in OF_ITEMS else target["version"]
        for stale in (version + 1, version - 1, "nonsense", f"{version}", '"-1"', '""'):
            problem = client.expect(412, operation.method, address, body, if_match=stale)
            assert problem["code"] == "stale-version", (name, stale)
    assert [_snapshot(harness, people, one) for one in (unassigned, developing)] == before


def test_the_etag_begins_with_the_version_and_may_be_one_of_several(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    manager, path = harness.as_(people.manager), f"/opportunities/{made['id']}"
    response = manager.request("GET", path)
    first = response.headers["ETag"]
    assert first.startswith('"1-')
    for tag, version in ((first, 2), ('W/"2"', 3), ('"7", "3"', 4), ("*", 5)):
        body = {"success_rate": version}
        response = manager.request("PATCH", path, body, if_match=tag)
        assert response.status_code == 200
        assert response.headers["ETag"].startswith(f'"{version}-')
        assert response.get_json()["version"] == version


def _with_a_step(harness: Harness, people: People, make: Any, state: str) -> tuple[str, str]:
    """The ids of an opportunity in a state, and of a step of its plan if it can have one."""
    if state in ("unassigned", "voided"):
        return make(state)["id"], ""
    director, one = harness.as_(people.director), make("developing")["id"]
    item = director.post(f"/opportunities/{one}/plan-items", STEP, 201)["id"]
    if state == "won":
        director.post(f"/opportunities/{one}/win", {})
    if state == "lost":
        body = {"reason_code": "price", "reason": "Too dear"}
        director.post(f"/opportunities/{one}/lose", body)
    return one, item


def test_every_action_in_every_state(harness: Harness, people: People, make: Any) -> None:
    refusing = {state: _with_a_step(harness, people, make, state) for state in STATES}
    before = {s: _snapshot(harness, people, {"id": one}) for s, (one, _) in refusing.items()}
    for name, operation in OF_ONE.items():
        # The creator, as nobody else may delete or copy.
        creators = name in ("delete_opportunity", "copy_opportunity")
        client = harness.as_(people.manager if creators else people.director)
        options: dict[str, Any] = {"if_match": "*"} if operation.needs_if_match else {}
        for state in set(STATES) - operation.states:
            if name in OF_ITEMS and not refusing[state][1]:
                continue
            problem = client.expect(
                409, operation.method, operation.address(*refusing[state]),
                body_of(operation, people), **options,
            )  # fmt: skip
            assert problem["code"] == "wrong-state", (name, state)
            assert problem["params"] == {"record": "opportunity", "state": state}, name
    after = {s: _snapshot(harness, people, {"id": one}) for s, (one, _) in refusing.items()}
    assert after == before
    for name, operation in OF_ONE.items():
        creators = name in ("delete_opportunity", "copy_opportunity")
        client = harness.as_(people.manager if creators else people.director)
        options = {"if_match": "*"} if operation.needs_if_match else {}
        for state in operation.states if operation.method != "GET" else ():
            place = _with_a_step(harness, people, make, state)
            body = body_of(operation, people)
            client.expect(
                operation.status, operation.method, operation.address(*place), body, **options
            )


def test_permission_version_and_state_are_checked_in_this_order(
    harness: Harness, people: People, make: Any
) -> None:
    won = make("won")
    path = f"/opportunities/{won['id']}/progress"
    stale, body = won["version"] + 1, {"success_rate": 1}
    for person, given, status in (
        (people.outsider, stale, 404),
        (people.executive, stale, 403),
        (people.director, stale, 412),
        (people.director, won["version"], 409),
    ):
        harness.as_(person).expect(status, "PATCH", path, body, if_match=given)


def test_a_body_that_is_no_json_object_is_refused(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    client = harness.app.test_client()
    headers = {"Authorization": f"Bearer {harness.identity.token(people.director)}"}
    before = _snapshot(harness, people, developing)
    for name, operation in OPERATIONS.items():
        if not operation.body:
            continue
        address = operation.address(developing["id"], str(new_id()))
        more = {"If-Match": "*"} if operation.needs_if_match else {}
        for data, media_type, status, code in (
            (b'{"reason": ', "application/json", 400, "invalid-json"),
            (b"\xff", "application/json", 400, "invalid-json"),
            (b'{"a": NaN}', "application/json", 400, "invalid-json"),
            (b"reason=x", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
            (b"[]", "application/json", 422, "validation-failed"),
            (b'"text"', "application/json", 422, "validation-failed"),
            (b'{"reason": "\\u0000"}', "application/json", 422, "validation-failed"),
        ):
            response = client.open(
                f"/api/v1/marketing{address}", method=operation.method, data=data,
                content_type=media_type, headers=headers | more,
            )  # fmt: skip
            assert response.status_code == status, (name, data, response.text)
            assert response.get_json()["code"] == code, (name, data)
            assert response.content_type == "application/problem+json"
    assert _snapshot(harness, people, developing) == before


def test_unknown_parameters_and_fields_are_refused(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    director = harness.as_(people.director)
    before = _snapshot(harness, people, developing)
    for name, operation in OPERATIONS.items():
        address = operation.address(developing["id"], str(new_id()))
        body = body_of(operation, people)
        options: dict[str, Any] = {"if_match": "*"} if operation.needs_if_match else {}
        problem = director.expect(422, operation.method, f"{address}?x=1", body, **options)
        assert [e["pointer"] for e in problem["errors"]] == ["/x"], name
        if operation.method != "GET":
            more = (body or {}) | {"status": "won"}
            problem = director.expect(422, operation.method, address, more, **options)
            assert [e["pointer"] for e in problem["errors"]] == ["/status"], name
            assert problem["errors"][0]["code"] == "unknown-field", name
    assert _snapshot(harness, people, developing) == before


LONG = "x" * 10_001
BAD_FIELDS: dict[str, dict[str, list[Any]]] = {
    "update_opportunity": {
        "success_rate": [-1, 101, 1.5, "50", True, None],
        "customer_name": ["", " ", None, 7, "x" * 201],
        "customer_id": ["x", 7, ""],
        "summary": ["", "\t", None, "x" * 501],
        "description": ["", None, LONG],
        "source": ["x" * 101, 7],
        "contact_name": ["x" * 101],
        "contact_phone": ["x" * 51],
        "region": ["x" * 101],
        "industry": ["x" * 101],
        "registration_no": ["x" * 51],
        "expected_amount": ["-0.01", "0.001", "10000000000000000.00", "NaN", "", 5],
        "currency": ["cny", "CNYX", "CNY\n", None],
        "expected_close_date": ["2026-02-30", "tomorrow", "2026-12-13T00:00:00Z", 7],
        "products": [["x" * 101], ["x"] * 51, "x", None],
    },
    "progress_opportunity": {
        "success_rate": [-1, 101, 1.5, None],
        "expected_amount": ["-1.00", "1.001"],
        "currency": ["yuan", None],
        "expected_close_date": ["2026-13-01"],
        "products": ["x", [""]],
        "contact_name": ["x" * 101],
        "contact_phone": ["x" * 51],
        "summary": ["only while unassigned"],
    },
    "assign_opportunity": {"assignee_id": ["x", None, "", 7]},
    "void_opportunity": {"reason": ["", "  ", None, "x" * 2001, 7]},
    "move_opportunity": {
        "stage": ["", None, 7, "x" * 51, "no-such-stage"],
        "success_rate": [-1, 101, None],
        "above_id": ["x", None],
    },
    "win_opportunity": {"amount": ["-1.00", "1.001", "x", 7, None]},
    "lose_opportunity": {
        "reason_code": ["", "Price", "9lives", "a-b", "x" * 51, None, "price\n"],
        "reason": ["", " ", None, "x" * 2001],
        "competitor": ["", " ", None, "x" * 201],
    },
    "add_plan_item": {
        "date": ["2026-02-30", "13.12.2026", "", None, 7],
        "content": ["", " ", None, "x" * 5001],
    },
    "edit_plan_item": {"date": ["2026-02-30", None], "content": ["", " ", None, "x" * 5001]},
    "record_plan_item_result": {"result": ["", " ", None, "x" * 5001]},
}


def test_an_invalid_field_is_named(harness: Harness, people: People, make: Any) -> None:
    director = harness.as_(people.director)
    unassigned, developing = make(), make("developing")
    item = director.post(f"/opportunities/{developing['id']}/plan-items", STEP, 201)
    before = [_snapshot(harness, people, one) for one in (unassigned, developing)]
    for name, fields in BAD_FIELDS.items():
        operation = OPERATIONS[name]
        target = unassigned if "unassigned" in operation.states else developing
        address, good = operation.address(target["id"], item["id"]), body_of(operation, people)
        options: dict[str, Any] = {"if_match": "*"} if operation.needs_if_match else {}
        for field, values in fields.items():
            for value in values:
                body = (good or {}) | {field: value}
                problem = director.expect(422, operation.method, address, body, **options)
                pointers = {e["pointer"].split("/")[1] for e in problem["errors"]}
                assert pointers == {field}, (name, field, value)
    assert [_snapshot(harness, people, one) for one in (unassigned, developing)] == before


def test_required_fields_are_named_all_at_once(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    for name, required in (
        ("create_opportunity", {"success_rate", "summary", "description"}),
        ("assign_opportunity", {"assignee_id"}),
        ("void_opportunity", {"reason"}),
        ("move_opportunity", {"stage"}),
        ("lose_opportunity", {"reason_code", "reason"}),
        ("add_plan_item", {"date", "content"}),
        ("edit_plan_item", {"content"}),
        ("record_plan_item_result", {"result"}),
    ):
        operation = OPERATIONS[name]
        address = operation.address(developing["id"], str(new_id()))
        options: dict[str, Any] = {"if_match": "*"} if operation.needs_if_match else {}
        problem = harness.as_(people.director).expect(422, operation.method, address, {}, **options)
        faults = {(e["pointer"], e["code"]) for e in problem["errors"]}
        assert faults == {(f"/{field}", "required") for field in required}, name


def test_refusals_are_in_the_callers_language(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager, path = harness.as_(people.manager), f"/opportunities/{developing['id']}"
    for language, phrase in (("en", "developing"), ("zh-CN", "开发中")):
        problem = manager.expect(
            409, "PATCH", path, {"success_rate": 1}, if_match="*", Accept_Language=language
        )
        assert phrase in problem["detail"]
    for action, body, code, phrase in (
        ("stage", {"stage": "won"}, "stage-not-open", "结束阶段"),
        ("copy", {}, "wrong-state", "销售机会"),
    ):
        problem = manager.post(f"{path}/{action}", body, 409, Accept_Language="zh")
        assert problem["code"] == code
        assert phrase in problem["detail"]
