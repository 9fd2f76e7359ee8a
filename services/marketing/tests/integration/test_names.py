"""The names of people stand beside their ids, in details, lists and histories."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, event, update

from kehu_chassis.actor import SYSTEM_ID
from kehu_chassis.identity.directory import Person
from kehu_chassis.testing import Harness
from kehu_marketing.features.opportunities.models import Opportunity

from .conftest import People


def test_every_person_of_an_opportunity_is_named(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    director, path = harness.as_(people.director), f"/opportunities/{developing['id']}"
    item = harness.as_(people.manager).post(
        f"{path}/plan-items", {"date": "2026-12-01", "content": "Visit"}, 201
    )
    assert (item["created_by_name"], item["updated_by_name"]) == ("Manager", "Manager")
    shown = director.get(path)
    assert director.get("/opportunities")["items"] == [shown]
    names = {name: shown[name] for name in shown if name.endswith("_name")}
    assert names == {
        "customer_name": developing["customer_name"],
        "contact_name": None,
        "created_by_name": "Manager",
        "updated_by_name": "Director",
        "assignee_name": "Manager",
    }
    [change] = director.get(f"{path}/history")["stage_changes"]
    assert change["changed_by_name"] == "Director"
    [planned] = director.get(f"{path}/plan-items")["items"]
    assert planned == item


def test_a_disabled_person_keeps_the_name_and_an_unknown_one_has_none(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    with harness.session() as session:
        session.execute(update(Person).where(Person.id == people.manager.id).values(enabled=False))
        session.execute(delete(Person).where(Person.id == people.director.id))
    shown = harness.as_(people.executive).get(f"/opportunities/{developing['id']}")
    assert (shown["assignee_name"], shown["updated_by_name"]) == ("Manager", None)


def test_the_system_is_named_in_the_callers_language(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    with harness.session() as session:
        opportunity = session.get_one(Opportunity, UUID(made["id"]))
        opportunity.source = "Fair"
    director, path = harness.as_(people.director), f"/opportunities/{made['id']}"
    assert director.get(path)["updated_by"] == str(SYSTEM_ID)
    for language, name in (("zh-CN", "系统"), ("en", "the system")):
        shown = director.expect(200, "GET", path, accept_language=language)
        assert shown["updated_by_name"] == name


def test_all_names_of_a_page_take_one_query(harness: Harness, people: People, make: Any) -> None:
    for creator in (people.manager, people.director, people.colleague):
        make("developing", creator=creator, assignee=people.colleague)
    queries: list[str] = []

    def record(_connection: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        if "display_name" in sql:
            queries.append(sql)

    event.listen(harness.database.engine, "before_cursor_execute", record)
    items = harness.as_(people.executive).get("/opportunities")["items"]
    event.remove(harness.database.engine, "before_cursor_execute", record)
    assert {item["created_by_name"] for item in items} == {"Manager", "Director", "Colleague"}
    assert len(queries) == 1
