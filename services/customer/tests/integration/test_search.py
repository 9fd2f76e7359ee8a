"""The search box over customers, contacts and orders."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select, text

from kehu_chassis.data import walking
from kehu_chassis.data.hits import MOST
from kehu_customer.features.contacts.models import Contact
from kehu_customer.features.orders.models import SalesOrder

WANG = {"name": "王小芳", "gender": "female", "title": "采购经理", "office_phone": "021-5555 0001"}


@pytest.fixture
def company(world: Any) -> dict[str, Any]:
    """A customer of the manager with a contact and an order, and another one."""
    made: dict[str, Any] = world.customer(
        name="上海明珠电器有限公司", phone="010-6588 1234", region="华东", sales_codes=["C-77"],
        registration_no="91310000MA1K35BX0Q",
    )  # fmt: skip
    path = f"/customers/{made['id']}/contacts"
    world.as_(world.manager).post(path, WANG | {"mobile": "138-0013-8000"}, 201)
    world.order("C-77", "2026-01-01", number="SO-2026-000123", status=1)
    world.customer(name="Other", phone="1", region="east")
    return made


def _found(world: Any, query: str, user: Any = None) -> list[tuple[str, str]]:
    items = world.as_(user or world.manager).get(f"/search?q={quote(query)}")["items"]
    return [(item["type"], item["name"]) for item in items]


@pytest.mark.parametrize(
    "query", ["明珠", "shmz", "珠电", "上海 电器", "01065881234", "+86 10 6588 1234", "6588",
              "91310000ma1k35bx0q", "c-77", "c77"],
)  # fmt: skip
def test_customers_are_found_by_name_phone_and_numbers(
    world: Any, company: dict[str, Any], query: str
) -> None:
    assert _found(world, query) == [("customer", company["name"])]


@pytest.mark.parametrize(
    "query",
    ["王小芳", "小芳", "wxf", "13800138000", "138 0013 8000", "+8613800138000", "0013-8000",
     "02155550001"],
)  # fmt: skip
def test_contacts_are_found_by_name_and_phone(
    world: Any, company: dict[str, Any], query: str
) -> None:
    assert _found(world, query) == [("contact", "王小芳")]


@pytest.mark.parametrize("query", ["SO-2026-000123", "so2026000123", "000123", "2026-0001"])
def test_orders_are_found_by_number_in_any_state(
    world: Any, company: dict[str, Any], query: str
) -> None:
    assert ("order", "SO-2026-000123") in _found(world, query)


def test_a_hit_says_where_it_is_and_what_was_found(world: Any, company: dict[str, Any]) -> None:
    client = world.as_(world.manager)
    [contact] = client.get("/search?q=13800138000")["items"]
    assert contact == {
        "type": "contact", "id": contact["id"], "number": None, "name": "王小芳",
        "detail": company["name"], "match": "138-0013-8000", "customer_id": company["id"],
    }  # fmt: skip
    client.get(f"/customers/{company['id']}/contacts/{contact['id']}")
    [order] = client.get("/search?q=so-2026-000123")["items"]
    assert (order["number"], order["detail"], order["match"]) == (
        "SO-2026-000123", company["name"], None,
    )  # fmt: skip
    client.get(f"/customers/{order['customer_id']}/orders/{order['id']}")
    [customer] = client.get("/search?q=6588")["items"]
    assert (customer["id"], customer["customer_id"]) == (company["id"], company["id"])
    assert (customer["number"], customer["detail"]) == (company["number"], "华东")
    assert customer["match"] == "010-6588 1234"


def test_the_best_of_each_type_come_first(world: Any) -> None:
    for name in ("Pearl", "Pearl River", "The Pearl"):
        customer = world.customer(name=name)
        world.as_(world.manager).post(
            f"/customers/{customer['id']}/contacts", WANG | {"name": f"{name} Li"}, 201
        )
    for number in range(MOST + 1):
        world.customer(name=f"Some pearls {number}")
    found = _found(world, "pearl")
    assert found[:2] == [("customer", "Pearl"), ("customer", "Pearl River")]
    assert [kind for kind, _ in found] == ["customer"] * MOST + ["contact"] * 3
    assert {name for kind, name in found[-3:-1]} == {"Pearl Li", "Pearl River Li"}
    assert found[-1] == ("contact", "The Pearl Li")
    exact = world.customer(name="Zed", phone="5550")
    world.customer(name="Zed 2", phone="55501")
    first, *_ = world.as_(world.manager).get("/search?q=5550")["items"]
    assert first["id"] == exact["id"]


@pytest.mark.parametrize(
    "query", ["明明", "%%", "__", "\\\\", "''", "华东", "east", "manager", "--", "+86"]
)
def test_nothing_is_found_by_signs_regions_or_managers(
    world: Any, company: dict[str, Any], query: str
) -> None:
    assert _found(world, query) == []


def test_what_was_typed_has_two_characters(world: Any) -> None:
    client = world.as_(world.manager)
    for query in ("", "?q=", "?q=a", "?q=%20a%20", f"?q={'x' * 101}", "?q=ab&limit=3"):
        assert client.get(f"/search{query}", 422)["code"] == "validation-failed", query


QUERIES = ("明珠", "小芳", "13800138000", "SO-2026-000123", "01065881234")


def test_only_what_one_may_read_is_found(world: Any, company: dict[str, Any]) -> None:
    for query in QUERIES:
        for user in (world.manager, world.director, world.executive, world.agent):
            assert len(_found(world, query, user)) == 1, (query, user.username)
        for user in (world.colleague, world.outsider, world.other_director):
            assert _found(world, query, user) == [], (query, user.username)
    world.as_(world.admin).get("/search?q=明珠", 403)


def test_shared_customers_are_found_by_all_who_read_customers(
    world: Any, company: dict[str, Any]
) -> None:
    world.harness.deliver("auth.setting-changed.v1", {"key": "customer_sharing", "value": "full"})
    for query in QUERIES:
        assert len(_found(world, query, world.outsider)) == 1, query


def test_what_belongs_to_no_customer_or_a_deleted_one_is_not_found(world: Any) -> None:
    world.order("C-404", "2026-01-01", number="SO-404404")
    customer = world.customer(name="Gone")
    path = f"/customers/{customer['id']}"
    world.as_(world.manager).post(f"{path}/contacts", WANG | {"name": "Gone Li"}, 201)
    world.as_(world.director).expect(204, "DELETE", path, if_match="*")
    for query in ("SO-404404", "Gone"):
        assert _found(world, query, world.executive) == [], query


def test_renamed_and_reassigned_records_are_found_as_they_are_now(
    world: Any, company: dict[str, Any]
) -> None:
    path = f"/customers/{company['id']}"
    body = {"name": "Pearl Ltd", "phone": "7777"}
    world.as_(world.manager).expect(200, "PATCH", path, body, if_match="*")
    assert _found(world, "明珠") == _found(world, "6588") == []
    assert _found(world, "7777") == [("customer", "Pearl Ltd")]
    manager = {"manager_id": str(world.colleague.id)}
    world.as_(world.director).post(f"{path}/reassign", manager)
    for query in ("Pearl", "小芳", "000123"):
        assert _found(world, query) == []
        assert len(_found(world, query, world.colleague)) == 1


def test_orders_far_from_the_newest_are_found_by_the_index(
    world: Any, company: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "WALK", 1)
    for day in ("2026-02-01", "2026-02-02"):
        world.order("C-77", day)
    assert _found(world, "000123") == [("order", "SO-2026-000123")]
    world.order("C-77", "2026-01-02", number="SO-2026-000123", version=2)
    assert _found(world, "so2026000123") == [("order", "SO-2026-000123")]


def test_orders_of_an_earlier_release_become_findable(world: Any, company: dict[str, Any]) -> None:
    with world.harness.session() as session:
        session.execute(text("UPDATE sales_order SET search_text = '', search_grams = '{}'"))
    assert _found(world, "000123") == []
    world.harness.run_job("index-orders")
    assert _found(world, "000123") == [("order", "SO-2026-000123")]


@pytest.mark.parametrize("model", [SalesOrder, Contact])
def test_grams_have_an_index(world: Any, model: Any) -> None:
    with world.harness.session() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        statement = select(model.id).where(model.search_grams.contains(["ab"]))
        compiled = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(session.scalars(text(f"EXPLAIN {compiled}")))
    assert f"ix_{model.__tablename__}_search_grams" in plan
