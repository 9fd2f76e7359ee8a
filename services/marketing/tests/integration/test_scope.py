"""Whose opportunities one may read and change: own, team, all, and those nobody leads."""

from __future__ import annotations

from typing import Any

import pytest

from kehu_chassis.testing import Harness

from .conftest import FORM, People
from .operations import OF_ITEMS, OF_ONE, STEP, body_of

READS = {
    "get_opportunity", "get_opportunity_history", "list_plan_items", "get_plan_item",
    "list_opportunity_changes", "list_plan_item_changes",
}  # fmt: skip
DEVELOPS = {
    "progress_opportunity", "move_opportunity", "win_opportunity", "lose_opportunity",
    "add_plan_item", "edit_plan_item", "delete_plan_item", "record_plan_item_result",
}  # fmt: skip
DIRECTS = {"assign_opportunity", "void_opportunity", "list_assignee_candidates"}


def _place(harness: Harness, people: People, make: Any, status: str) -> tuple[str, str]:
    """The ids of an opportunity of the manager, developed by the colleague, and of a step."""
    made = make(status, assignee=people.colleague)
    if status != "developing":
        return made["id"], ""
    path = f"/opportunities/{made['id']}/plan-items"
    return made["id"], harness.as_(people.colleague).post(path, STEP, 201)["id"]


@pytest.mark.parametrize(
    ("status", "person", "may"),
    [
        ("unassigned", "manager", READS | {"update_opportunity", "delete_opportunity"}),
        ("unassigned", "director", READS | DIRECTS | {"update_opportunity"}),
        ("developing", "manager", READS),
        ("developing", "colleague", READS | DEVELOPS),
        ("developing", "director", READS | DIRECTS | DEVELOPS),
        ("won", "manager", READS | {"copy_opportunity"}),
        ("won", "colleague", READS | {"copy_opportunity"}),
        ("won", "director", READS | {"copy_opportunity", "list_assignee_candidates"}),
    ],
)
def test_creator_assignee_and_director_have_different_permissions(
    harness: Harness, people: People, make: Any, status: str, person: str, may: set[str]
) -> None:
    client, untouched = harness.as_(getattr(people, person)), _place(harness, people, make, status)
    for name, operation in sorted(OF_ONE.items()):
        if status not in operation.states or (name in OF_ITEMS and status != "developing"):
            continue
        changes = name in may and operation.method != "GET"
        place = _place(harness, people, make, status) if changes else untouched
        options: dict[str, Any] = {"if_match": "*"} if operation.needs_if_match else {}
        response = client.request(
            operation.method, operation.address(*place), body_of(operation, people), **options
        )
        assert response.status_code == (operation.status if name in may else 403), name


def test_others_cannot_see_that_it_exists(harness: Harness, people: People, make: Any) -> None:
    """Neither colleagues, nor directors of other departments, nor one without department."""
    unattached = harness.user("sales_director", name="unattached")
    unassigned, developing = make(), make("developing")
    item = harness.as_(people.manager).post(
        f"/opportunities/{developing['id']}/plan-items", STEP, 201
    )
    for person in (people.colleague, people.outsider, people.other_director, unattached):
        client = harness.as_(person)
        assert client.get("/opportunities")["total"] == 0
        for operation in OF_ONE.values():
            # A permission that the role lacks is refused before anything is looked up.
            permissions = harness.identity.policy["roles"][person.roles[0]]
            status = 404 if operation.permission in permissions else 403
            options: dict[str, Any] = {"if_match": "*"} if operation.needs_if_match else {}
            for target in (unassigned, developing):
                client.expect(
                    status, operation.method, operation.address(target["id"], item["id"]),
                    body_of(operation, people), **options,
                )  # fmt: skip
    found = harness.as_(people.director).get(f"/opportunities/{unassigned['id']}")
    assert found["version"] == unassigned["version"]


def test_an_executive_reads_all_and_changes_nothing(
    harness: Harness, people: People, make: Any
) -> None:
    made, client = make("developing"), harness.as_(people.executive)
    item = harness.as_(people.manager).post(f"/opportunities/{made['id']}/plan-items", STEP, 201)
    for name, operation in OF_ONE.items():
        options: dict[str, Any] = {"if_match": "*"} if operation.needs_if_match else {}
        response = client.request(
            operation.method, operation.address(made["id"], item["id"]),
            body_of(operation, people), **options,
        )  # fmt: skip
        assert response.status_code == (200 if name in READS else 403), name
    client.post("/opportunities", FORM, 403)


def test_a_team_reaches_down_the_tree_of_departments_and_not_up(
    harness: Harness, people: People, make: Any
) -> None:
    company = harness.department("Company")
    region = harness.department("Region", parent=company)
    shop = harness.department("Shop", parent=region)
    above = harness.user("sales_director", department=company)
    between = harness.user("sales_director", department=region)
    below = harness.user("sales_director", department=shop)
    clerk = harness.user("account_manager", department=region)
    path = f"/opportunities/{make(creator=clerk)['id']}"
    for person, status in ((above, 200), (between, 200), (below, 404), (people.director, 404)):
        harness.as_(person).get(path, status)
        harness.as_(person).expect(status, "PATCH", path, {"success_rate": 1}, if_match="*")
    body = {"assignee_id": str(clerk.id)}
    harness.as_(below).post(f"{path}/assign", body, 404)
    assert harness.as_(above).post(f"{path}/assign", body)["status"] == "developing"


@pytest.mark.parametrize("department", [True, False])
def test_every_director_manages_the_work_of_people_without_director(
    harness: Harness, people: People, department: bool
) -> None:
    home = harness.department("Alone") if department else None
    lonely = harness.user("account_manager", department=home, name="lonely")
    mine = harness.as_(lonely)
    paths = [f"/opportunities/{mine.post('/opportunities', FORM, 201)['id']}" for _ in range(3)]
    for director in (people.director, people.other_director):
        client = harness.as_(director)
        assert client.get("/opportunities")["total"] == 3
        client.expect(200, "PATCH", paths[0], {"success_rate": 1}, if_match="*")
        client.expect(403, "DELETE", paths[0], if_match="*")
        names = [i["display_name"] for i in client.get(f"{paths[0]}/assignee-candidates")["items"]]
        assert "Lonely" in names
    harness.as_(people.director).post(f"{paths[1]}/void", {"reason": "Twice"})
    director = harness.as_(people.other_director)
    body = {"assignee_id": str(lonely.id)}
    assert director.post(f"{paths[2]}/assign", body)["assignee_id"] == str(lonely.id)
    harness.as_(people.director).post(f"{paths[2]}/plan-items", STEP, 201)
    harness.as_(people.outsider).get(paths[2], 404)
    if home is None:
        return
    harness.user("sales_director", department=home)
    harness.as_(people.director).get(paths[0], 404)
    harness.as_(people.other_director).post(f"{paths[2]}/win", {}, 404)


def test_the_scope_follows_people_who_move(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    path = f"/opportunities/{made['id']}"
    moved = harness.example("auth.user-changed.v1") | {
        "id": str(people.manager.id),
        "department_id": str(people.outsider.department_id),
    }
    harness.deliver("auth.user-changed.v1", moved, subject=moved["id"], version=2)
    harness.as_(people.director).get(path, 404)
    harness.as_(people.other_director).expect(200, "PATCH", path, {"success_rate": 1}, if_match="*")
    harness.deliver("auth.user-changed.v1", moved, subject=moved["id"], version=1)
    harness.as_(people.other_director).get(path)


def test_reassigning_takes_it_from_the_previous_assignee(
    harness: Harness, people: People, make: Any
) -> None:
    made = make("developing", creator=people.director, assignee=people.manager)
    path = f"/opportunities/{made['id']}"
    harness.as_(people.manager).get(path)
    harness.as_(people.director).post(f"{path}/assign", {"assignee_id": str(people.colleague.id)})
    harness.as_(people.manager).get(path, 404)
    harness.as_(people.colleague).post(f"{path}/stage", {"stage": "proposal"})


def test_a_director_deletes_their_own_opportunity(
    harness: Harness, people: People, make: Any
) -> None:
    made = make(creator=people.director)
    path = f"/opportunities/{made['id']}"
    harness.as_(people.manager).expect(404, "DELETE", path, if_match="*")
    above = harness.user("sales_director", department=people.director.department_id)
    assert harness.as_(above).expect(403, "DELETE", path, if_match="*")["params"] == {
        "permission": "opportunity:delete"
    }
    harness.as_(people.director).expect(204, "DELETE", path, if_match="*")


def test_custom_roles_act_within_their_scopes(harness: Harness, people: People, make: Any) -> None:
    harness.identity.policy["roles"]["controller"] = {
        "opportunity:read": "all",
        "opportunity:update": "own",
        "opportunity:delete": "all",
        "opportunity:assign": "all",
        "opportunity:close": "all",
        "opportunity:stage": "team",
        "opportunity:create": "own",
    }
    east = people.director.department_id
    controller = harness.user("controller", department=east)
    client = harness.as_(controller)
    ours, theirs = make(), make(creator=people.outsider, status="unassigned")
    for one in (ours, theirs):
        path = f"/opportunities/{one['id']}"
        client.get(path)
        client.expect(403, "PATCH", path, {"success_rate": 1}, if_match="*")
        # Only the creator deletes, whatever the scope of the permission.
        client.expect(403, "DELETE", path, if_match="*")
        client.post(f"{path}/void", {"reason": "x"}, 403)
        assert len(client.get(f"{path}/assignee-candidates")["items"]) == 3
    for one, person in ((ours, people.manager), (theirs, people.outsider)):
        path = f"/opportunities/{one['id']}"
        client.post(f"{path}/assign", {"assignee_id": str(person.id)})
        within = 200 if person is people.manager else 403
        client.post(f"{path}/stage", {"stage": "proposal"}, within)
        client.post(f"{path}/win", {})
        client.post(f"{path}/copy", {}, 201)
    assert client.get("/opportunities")["total"] == 4


def test_candidates_are_the_enabled_account_managers_in_scope(
    harness: Harness, people: People, make: Any
) -> None:
    harness.user("account_manager", department=people.director.department_id, enabled=False)
    harness.user("service_agent", department=people.director.department_id)
    nobodys = harness.user("account_manager", name="nobodys")
    for _ in range(2):
        make("developing", assignee=people.colleague)
    make("won", assignee=people.manager)  # what has ended is no workload
    path = f"/opportunities/{make()['id']}/assignee-candidates"
    items = harness.as_(people.director).get(path)["items"]
    assert [(i["display_name"], i["open_opportunities"]) for i in items] == [
        ("Manager", 0), ("Nobodys", 0), ("Colleague", 2),
    ]  # fmt: skip
    assert {i["matches"] for i in items} == {0}
    known = harness.example("auth.user-changed.v1") | {
        "id": str(people.colleague.id),
        "display_name": "Colleague",
        "department_id": str(people.director.department_id),
        "regions": ["north"],
        "industries": ["trade"],
    }
    harness.deliver("auth.user-changed.v1", known, subject=known["id"], version=2)
    one = known | {"id": str(nobodys.id), "display_name": "Nobodys", "department_id": None}
    one |= {"regions": [], "industries": ["trade"]}
    harness.deliver("auth.user-changed.v1", one, subject=one["id"], version=2)
    made = make(region="north", industry="trade")
    path = f"/opportunities/{made['id']}/assignee-candidates"
    items = harness.as_(people.director).get(path)["items"]
    assert [(i["display_name"], i["matches"]) for i in items] == [
        ("Colleague", 2), ("Nobodys", 1), ("Manager", 0),
    ]  # fmt: skip
    assert (items[0]["regions"], items[0]["industries"]) == (["north"], ["trade"])
