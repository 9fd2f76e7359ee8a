"""A registration number is stronger than a name: numbers that contradict are two companies."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from kehu_chassis.data.database import new_id
from kehu_customer.features.customers import rules

SPELLINGS = ["91110105-MA00 1234-5X", " 91110105ma0012345x", "９１１１０１０５ＭＡ００１２３４５Ｘ"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_numbers_are_compared_by_letters_and_digits(spelling: str) -> None:
    assert rules.registration_key(spelling) == "91110105ma0012345x"
    assert not rules.contradict(spelling, SPELLINGS[0])
    assert rules.contradict(spelling, "91110105MA0012345Y")


def test_no_number_contradicts_nothing() -> None:
    for nothing in (None, "", "  ", " - / "):
        assert rules.registration_key(nothing) is None
        assert not rules.contradict(nothing, "R-1")


def test_a_key_is_kept_with_the_number_and_not_shown(world: Any) -> None:
    made = world.customer(registration_no=SPELLINGS[0])
    assert "registration_key" not in made
    assert all("registration_key" not in event for event in world.events("customer-changed"))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_number_is_one_company_whatever_its_names(world: Any, spelling: str) -> None:
    made = world.customer(name="Acme", registration_no="91110105MA0012345X")
    world.win("Other name", registration_no=spelling)
    world.announce("C-1", "Third name", registration_no=spelling)
    assert [item["id"] for item in world.customers()] == [made["id"]]
    differences = {found["field"] for found in world.get(made)["sales_differences"]}
    assert differences == {"name"}
    form = {"name": "Fourth", "region": "n", "level": "partner", "address": "A", "phone": "1"}
    body = form | {"registration_no": spelling}
    assert world.as_(world.manager).post("/customers", body, 409)["params"]["number"]


def test_an_own_number_written_otherwise_is_no_duplicate(world: Any) -> None:
    made = world.customer(registration_no=SPELLINGS[0])
    world.customer(registration_no=SPELLINGS[0], allow_duplicate=True)
    path, body = f"/customers/{made['id']}", {"registration_no": SPELLINGS[2]}
    world.as_(world.manager).expect(200, "PATCH", path, body, if_match=1)


@pytest.mark.parametrize("names", [("Acme", "Acme"), ("Acme Ltd", "ＡＣＭＥ  ltd")])
@pytest.mark.parametrize("first", ["won", "announced"])
@pytest.mark.parametrize("second", ["won", "announced"])
def test_one_name_with_two_numbers_is_two_companies(
    world: Any, names: tuple[str, str], first: str, second: str
) -> None:
    deliver = {
        "won": lambda nth: world.win(names[nth], registration_no=f"R-{nth}"),
        "announced": lambda nth: world.announce(f"C-{nth}", names[nth], registration_no=f"R-{nth}"),
    }
    for _ in range(2):
        deliver[first](0)
        deliver[second](1)
    numbers = [world.get(item)["registration_no"] for item in world.customers()]
    assert numbers == ["R-0", "R-1"]
    one, two = world.customers()
    [notice] = world.events("namesake-created")
    assert (notice["id"], notice["namesake_id"]) == (two["id"], one["id"])
    assert notice["namesake_manager_id"] == one["manager_id"]


def test_in_one_batch_too(world: Any) -> None:
    bodies = [
        world.harness.envelope(
            "sales.customer-changed.v1", {"code": f"C-{n}", "name": "Acme", "registration_no": n}
        )
        for n in ("1", "2", "1.", "３")
    ]
    world.harness.inbox.handle(bodies)
    assert world.harness.failed() == []
    assert [item["sales_codes"] for item in world.customers()] == [
        ["C-1", "C-1."],
        ["C-2"],
        ["C-３"],
    ]
    assert len(world.events("namesake-created")) == 2


def test_without_a_number_the_oldest_of_the_name_is_meant(world: Any) -> None:
    world.win("Acme", registration_no="R-1")
    world.win("Acme", registration_no="R-2")
    world.win("Acme")
    world.announce("C-1", "Acme")
    one, two = world.customers()
    assert (one["sales_codes"], two["sales_codes"]) == (["C-1"], [])
    assert len(world.events("customer-linked")) == 1


def test_a_customer_without_number_becomes_the_first_company_that_brings_one(world: Any) -> None:
    made = world.customer(name="Acme")
    world.win("Acme", registration_no="R-1")
    world.win("Acme", registration_no="R-2")
    numbers = {item["id"]: world.get(item)["registration_no"] for item in world.customers()}
    assert len(numbers) == 2 and numbers[made["id"]] == "R-1"


def test_a_named_customer_keeps_the_opportunity_whatever_its_number(world: Any) -> None:
    made = world.customer(name="Acme", registration_no="R-1")
    world.win("Acme", registration_no="R-2", customer_id=made["id"])
    assert [event["id"] for event in world.events("customer-linked")] == [made["id"]]
    assert world.get(made)["registration_no"] == "R-1"


VERSIONS: dict[int, dict[str, Any]] = {
    1: {"phone": "1"},
    2: {"registration_no": "R-2", "phone": "2"},
    3: {"region": "south"},
}


@pytest.mark.parametrize("arrival", list(itertools.permutations(VERSIONS)))
@pytest.mark.parametrize("batch", [False, True])
def test_a_link_by_name_ends_once_a_version_shows_the_contradiction(
    world: Any, arrival: tuple[int, ...], batch: bool
) -> None:
    acme = world.customer(name="Acme", registration_no="R-1", phone="0")
    bodies = [
        world.harness.envelope(
            "sales.customer-changed.v1",
            {"code": "C", "name": "ACME", **VERSIONS[version]},
            version=version,
        )
        for version in (*arrival, *arrival[:1])
    ]
    world.order("C", "2026-01-01")
    for part in [bodies] if batch else [[body] for body in bodies]:
        world.harness.inbox.handle(part)
    assert world.harness.failed() == []
    first, second = world.customers()
    assert (first["id"], first["sales_codes"]) == (acme["id"], [])
    assert (second["registration_no"], second["sales_codes"]) == ("R-2", ["C"])
    assert (len(world.orders(first)), len(world.orders(second))) == (0, 1)
    assert world.events("order-recorded")[-1]["customer_id"] == second["id"]
    versions = [
        event["aggregateversion"] for event in world.harness.published("customer.order-recorded.v1")
    ]
    assert versions == sorted(set(versions))


def test_what_a_wrong_link_filled_is_empty_again(world: Any) -> None:
    world.win("Acme", registration_no="R-1", region=None, contact_name=None)
    world.announce("C", "Acme", region="south", phone="5")
    [acme] = world.customers()
    assert (acme["region"], acme["phone"]) == ("south", "5")
    world.announce("C", "Acme", registration_no="R-2", version=2)
    assert (world.get(acme)["region"], world.get(acme)["phone"]) == (None, None)


@pytest.mark.parametrize("arrival", [(1, 2), (2, 1)])
def test_a_number_that_another_customer_has_takes_the_code_from_a_namesake(
    world: Any, arrival: tuple[int, int]
) -> None:
    world.customer(name="Acme")
    registered = world.customer(name="Other", registration_no="R-2")
    for version in arrival:
        more = {"registration_no": "r 2"} if version == 2 else {}
        world.announce("C", "Acme", version=version, **more)
    named = {item["name"]: item["sales_codes"] for item in world.customers()}
    assert named == {"Acme": [], "Other": ["C"]}
    assert world.get(registered)["registration_no"] == "R-2"


@pytest.mark.parametrize("arrival", [(1, 2), (2, 1)])
def test_a_number_takes_the_code_from_an_unused_customer_that_it_made(
    world: Any, arrival: tuple[int, int]
) -> None:
    registered = world.customer(name="Other", registration_no="R-2")
    for version in arrival:
        more = {"registration_no": "R-2"} if version == 2 else {}
        world.announce("C", "Acme", version=version, **more)
    [item] = world.customers()
    assert (item["id"], item["sales_codes"]) == (registered["id"], ["C"])


def test_a_corrected_number_of_the_code_itself_contradicts_nothing(world: Any) -> None:
    acme = world.customer(name="Acme")
    world.announce("C", "Acme", registration_no="R-1")
    world.announce("C", "Acme", registration_no="R-11", version=2)
    [item] = world.customers()
    assert (item["id"], item["sales_codes"]) == (acme["id"], ["C"])
    assert {found["sales"] for found in world.get(acme)["sales_differences"]} == {"R-11"}


def test_many_at_once_stay_one_customer_for_each_number(world: Any) -> None:
    bodies = [
        world.harness.envelope(
            "marketing.opportunity-won.v1",
            world.won(name, registration_no=number, id=str(new_id())),
        )
        for name, number in [("Acme", "R-1"), ("ACME", "R 2"), ("Ａcme", "r1"), ("Else", "r-2")] * 3
    ] + [
        world.harness.envelope(
            "sales.customer-changed.v1",
            {"code": f"C-{nth}", "name": "acme", "registration_no": f"r/{nth % 2 + 1}"},
        )
        for nth in range(4)
    ]
    world.handle_at_once(bodies)
    assert world.harness.failed() == []
    found = {rules.registration_key(i["registration_no"]): i for i in world.customers()}
    assert len(world.customers()) == len(found) == 2
    assert found["r1"]["sales_codes"] == ["C-0", "C-2"]
    assert found["r2"]["sales_codes"] == ["C-1", "C-3"]
