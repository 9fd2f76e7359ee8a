"""The people at a customer."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kehu_chassis.data.database import new_id

LI = {"name": "李娜", "gender": "female", "title": "采购经理", "office_phone": "010-1"}


@pytest.fixture
def path(world: Any) -> str:
    return f"/customers/{world.customer()['id']}/contacts"


def test_the_first_is_primary_until_another_is(world: Any, path: str) -> None:
    client = world.as_(world.manager)
    first = client.post(path, LI, 201)
    second = client.post(path, LI | {"name": "Wang"}, 201)
    assert (first["is_primary"], second["is_primary"]) == (True, False)
    one, two = f"{path}/{first['id']}", f"{path}/{second['id']}"
    changed = client.expect(200, "PATCH", two, {"is_primary": True}, if_match=1)
    assert changed["is_primary"] and not client.get(one)["is_primary"]
    client.post(path, LI | {"name": "Zhao", "is_primary": True}, 201)
    assert [c["name"] for c in client.get(path)["items"] if c["is_primary"]] == ["Zhao"]
    assert client.get(path.removesuffix("/contacts"))["contact_count"] == 3


def test_the_last_contact_stays_and_the_oldest_follows(world: Any, path: str) -> None:
    client = world.as_(world.manager)
    first = client.post(path, LI, 201)
    problem = client.expect(409, "DELETE", f"{path}/{first['id']}", if_match=1)
    assert problem["code"] == "last-contact"
    second = client.post(path, LI | {"name": "Wang"}, 201)
    client.expect(428, "DELETE", f"{path}/{first['id']}")
    client.expect(204, "DELETE", f"{path}/{first['id']}", if_match=1)
    assert client.get(f"{path}/{second['id']}")["is_primary"]
    client.get(f"{path}/{first['id']}", 404)


def test_who_reports_to_whom_is_a_tree(world: Any, path: str) -> None:
    client = world.as_(world.manager)
    chief = client.post(path, LI | {"department": "采购部"}, 201)
    below = {"name": "Wang", "department": "采购部", "reports_to_id": chief["id"]}
    middle = client.post(path, LI | below, 201)
    last = client.post(path, LI | {"name": "Zhao", "reports_to_id": middle["id"]}, 201)
    assert (last["reports_to_id"], last["reports_to_name"]) == (middle["id"], "Wang")
    names = {one["name"]: one["reports_to_name"] for one in client.get(path)["items"]}
    assert (names["Wang"], names["Zhao"]) == (chief["name"], "Wang")
    assert client.get(f"{path}/{chief['id']}")["reports_to_name"] is None
    for contact in (chief, middle, last):
        circle = {"reports_to_id": last["id"]}
        problem = client.expect(422, "PATCH", f"{path}/{contact['id']}", circle, if_match=1)
        assert problem["errors"][0]["code"] == "reports-in-circle"
    elsewhere = f"/customers/{world.customer()['id']}/contacts"
    stranger = client.post(elsewhere, LI, 201)
    for unknown in (stranger["id"], str(new_id())):
        problem = client.post(path, LI | {"reports_to_id": unknown}, 422)
        assert problem["errors"][0]["code"] == "unknown-reference"
    team = client.get(f"{path}?department=采购部&sort=name")["items"]
    assert {contact["id"] for contact in team} == {chief["id"], middle["id"]}
    assert client.get(f"{path}?reports_to_id={chief['id']}")["items"][0]["id"] == middle["id"]
    client.expect(204, "DELETE", f"{path}/{middle['id']}", if_match=1)
    freed = client.get(f"{path}/{last['id']}")
    assert (freed["reports_to_id"], freed["version"]) == (None, 2)


def test_concurrent_edits_make_no_circle(world: Any, path: str) -> None:
    client = world.as_(world.manager)
    one, two = (client.post(path, LI | {"name": name}, 201)["id"] for name in ("A", "B"))
    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            responses = pool.map(
                lambda pair: world.as_(world.manager).request(
                    "PATCH", f"{path}/{pair[0]}", {"reports_to_id": pair[1]}, if_match="*"
                ),
                ((one, two), (two, one)),
            )
            assert sorted(response.status_code for response in responses) == [200, 422]
        for contact in (one, two):
            nobody = {"reports_to_id": None}
            client.expect(200, "PATCH", f"{path}/{contact}", nobody, if_match="*")


def test_fields_are_typed_and_required_ones_stay(world: Any, path: str) -> None:
    client = world.as_(world.manager)
    for wrong in (
        {"gender": "x"},
        {"birthday": "yesterday"},
        {"email": "no"},
        {"name": ""},
        {"title": "  "},
        {"tags": "a"},
        {"mobile": "1" * 51},
        {"customer_id": "x"},
    ):
        client.post(path, LI | wrong, 422)
    for field in LI:
        client.post(path, {key: value for key, value in LI.items() if key != field}, 422)
    more = {"birthday": "1980-02-29", "email": "li@example.com", "contact_consent": True}
    made = client.post(path, LI | more, 201)
    assert made["birthday"] == "1980-02-29"
    one = f"{path}/{made['id']}"
    client.expect(422, "PATCH", one, {"title": None}, if_match=1)
    client.expect(422, "PATCH", one, {"title": ""}, if_match=1)
    client.expect(412, "PATCH", one, {"title": "CEO"}, if_match=2)
    assert client.expect(200, "PATCH", one, {"title": "CEO"}, if_match=1)["version"] == 2
    assert "li@example.com" not in str(world.events("audit-recorded"))


def test_a_contact_of_another_customer_is_not_found(world: Any, path: str) -> None:
    made = world.as_(world.manager).post(path, LI, 201)
    other = world.customer()
    world.as_(world.manager).get(f"/customers/{other['id']}/contacts/{made['id']}", 404)
    world.as_(world.outsider).get(f"{path}/{made['id']}", 404)
    world.as_(world.outsider).post(path, LI, 404)
    world.as_(world.agent).post(path, LI, 403)
    world.as_(world.agent).get(path)


def test_concurrent_primary_contacts_leave_one(world: Any, path: str) -> None:
    client = world.as_(world.manager)

    def post(number: int) -> int:
        body = LI | {"name": f"C{number}", "is_primary": True}
        return int(client.request("POST", path, body).status_code)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(post, range(8))) == [201] * 8
    assert sum(c["is_primary"] for c in client.get(path)["items"]) == 1
