"""Data scopes: own, team and all, evaluated with the current directory."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from kehu_sample.features.notes.models import Note
from sqlalchemy import select

from kehu_chassis.actor import Actor
from kehu_chassis.data.database import NIL, new_id
from kehu_chassis.identity import directory
from kehu_chassis.identity.directory import Department, Person
from kehu_chassis.problems import Problem
from kehu_chassis.records import Operation
from kehu_chassis.records.checks import Checks
from kehu_chassis.testing import Harness, User


class Company:
    """Head office with East and West; East has a branch."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.head = harness.department("Head")
        self.east = harness.department("East", self.head)
        self.west = harness.department("West", self.head)
        self.branch = harness.department("Branch", self.east)
        self.leader = harness.user("leader", department=self.east)
        self.anna = harness.user("member", department=self.east)
        self.bert = harness.user("member", department=self.branch)
        self.carl = harness.user("member", department=self.west)
        self.dora = harness.user("member")

    def note(self, by: User, owner: User | None = None) -> str:
        title = f"{by.username} {owner and owner.username}"
        body: dict[str, Any] = {"title": title}
        if owner is not None:
            body["owner_id"] = str(owner.id)
        created: dict[str, Any] = self.harness.as_(by).post("/notes", body, 201)
        return str(created["id"])

    def orphan(self, owner: UUID | None = None) -> str:
        """A note created by the system, perhaps with an owner."""
        with self.harness.session() as session:
            note = Note(title="x", owner_id=owner)
            session.add(note)
        return str(note.id)

    def seen_by(self, user: User) -> set[str]:
        """The notes that a user sees: the same by SQL and in memory."""
        items = self.harness.as_(user).get("/notes?limit=200")["items"]
        seen = {item["id"] for item in items}
        assert seen == self._permitted_to(user)
        return seen

    def _permitted_to(self, user: User) -> set[str]:
        policy = self.harness.authority.policy
        who = Actor(
            id=user.id,
            kind="user",
            department_id=user.department_id,
            scope=lambda permission: policy.scope(user.roles, permission),
            leader_roles=lambda permission: policy.roles_with(permission, "team"),
        )
        reading = Operation("get_note", Note, "note:read")
        with self.harness.session() as session:
            notes = session.scalars(select(Note)).all()
            checks = Checks(session, who, Note, notes)
            return {str(note.id) for note in notes if checks.permitted(reading, note)}


@pytest.fixture
def company(harness: Harness) -> Company:
    return Company(harness)


def receive(harness: Harness, event_type: str, version: int, **data: Any) -> None:
    harness.deliver(f"auth.{event_type}.v1", data, version=version, subject=data["id"])


def user_data(user: User, **changes: Any) -> dict[str, Any]:
    department = str(user.department_id) if user.department_id else None
    return {
        "id": str(user.id), "username": user.username, "display_name": user.username,
        "department_id": department, "roles": list(user.roles), "enabled": True, **changes,
    }  # fmt: skip


def test_scope_own(company: Company) -> None:
    mine = company.note(company.anna)
    for_me = company.note(company.bert, company.anna)
    company.note(company.bert)
    company.orphan()
    assert company.seen_by(company.anna) == {mine, for_me}


def test_team_is_the_department_and_below(company: Company) -> None:
    east, branch = company.note(company.anna), company.note(company.bert)
    west = company.note(company.carl)
    handed_over = company.note(company.carl, company.bert)
    assert company.seen_by(company.leader) == {east, branch, handed_over}
    assert company.seen_by(company.carl) == {west, handed_over}


def test_scope_all(company: Company) -> None:
    notes = {company.note(company.anna), company.note(company.dora), company.orphan()}
    assert company.seen_by(company.harness.user("reader")) == notes
    assert company.seen_by(company.harness.user("reader", department=company.west)) == notes


def test_several_roles_give_the_widest_scope(company: Company) -> None:
    note = company.note(company.carl)
    both = company.harness.user("member", "reader", department=company.east)
    assert company.seen_by(both) == {note}


def test_a_leader_without_a_department_sees_only_own_records(company: Company) -> None:
    company.note(company.anna)
    nowhere = company.harness.user("leader")
    mine = company.note(nowhere)
    company.orphan()
    assert company.seen_by(nowhere) == {mine}


def test_leaders_see_records_without_an_owner(company: Company) -> None:
    """Only leaders see them, and only if none of the columns names a person."""
    unowned, owned = company.orphan(), company.orphan(company.carl.id)

    def seen(scope: str, department: UUID | None) -> set[str]:
        who = Actor(id=new_id(), kind="user", department_id=department, scope=lambda _p: scope)
        with company.harness.session() as session:
            condition = directory.visible(who, "note:read", Note.owner_id, Note.topic_id)
            return {str(ident) for ident in session.scalars(select(Note.id).where(condition))}

    assert seen("team", company.east) == {unowned}
    assert seen("team", company.west) == {unowned, owned}
    assert seen("team", None) == {unowned}, "a director without a department"
    assert seen("own", company.west) == set()


def test_every_leader_sees_records_of_people_without_a_leader(company: Company) -> None:
    """Orphans: neither the owner's department nor any above it has a leader."""
    west, nowhere = company.orphan(company.carl.id), company.orphan(company.dora.id)
    branch = company.orphan(company.bert.id)
    stranger = company.orphan(new_id())
    assert company.seen_by(company.leader) == {west, nowhere, branch}
    company.harness.user("leader", department=company.west)
    assert company.seen_by(company.leader) == {nowhere, branch}, "West has a leader now"
    company.harness.user("leader", department=company.head, enabled=False)
    assert nowhere in company.seen_by(company.leader), "a disabled leader does not count"
    assert stranger not in company.seen_by(company.leader)


def test_moving_a_person_rewrites_nothing(company: Company) -> None:
    note = company.note(company.carl)
    assert note not in company.seen_by(company.leader)
    moved = user_data(company.carl, department_id=str(company.branch))
    receive(company.harness, "user-changed", 2, **moved)
    assert note in company.seen_by(company.leader)


def test_moving_a_department_moves_its_people(company: Company) -> None:
    note = company.note(company.bert)
    assert note in company.seen_by(company.leader)
    data = {"id": str(company.branch), "name": "Branch", "parent_id": str(company.west)}
    receive(company.harness, "department-changed", 2, **data)
    company.harness.user("leader", department=company.west)
    assert note not in company.seen_by(company.leader)


def test_a_deleted_department_breaks_the_hierarchy(company: Company) -> None:
    note = company.note(company.bert)
    receive(company.harness, "department-deleted", 2, id=str(company.branch))
    company.harness.user("leader", department=company.head)
    assert note not in company.seen_by(company.leader), "its people have no department above"


def test_a_cycle_of_departments_terminates(company: Company) -> None:
    """Two events in an unlucky order may leave a cycle for a short time."""
    note = company.note(company.bert)
    data = {"id": str(company.east), "name": "East", "parent_id": str(company.branch)}
    receive(company.harness, "department-changed", 2, **data)
    assert note in company.seen_by(company.leader)


def test_missing_and_foreign_records_give_the_same_response(company: Company) -> None:
    foreign, mine = company.note(company.carl), company.note(company.anna)
    client = company.harness.as_(company.anna)
    responses = [client.request("GET", f"/notes/{i}") for i in (foreign, str(new_id()))]
    documents = [response.get_json(force=True) | {"request_id": ""} for response in responses]
    assert responses[0].status_code == 404 and documents[0] == documents[1]
    client.get(f"/notes/{mine}")


def test_permission_to_read_does_not_permit_changes(company: Company) -> None:
    note = company.note(company.carl)
    reader = company.harness.as_(company.harness.user("reader"))
    reader.get(f"/notes/{note}")
    refused = reader.expect(403, "PATCH", f"/notes/{note}", {"title": "x"}, if_match=1)
    assert refused["params"] == {"permission": "note:update"}
    stranger = company.harness.as_(company.dora)
    stranger.expect(404, "PATCH", f"/notes/{note}", {"title": "x"}, if_match=1)


@pytest.mark.fault("F33")
def test_older_events_do_not_overwrite(harness: Harness) -> None:
    """F33"""
    user = User(("member",), username="u")
    for version, name in ((3, "third"), (1, "first"), (2, "second"), (3, "third again")):
        receive(harness, "user-changed", version, **user_data(user, display_name=name))
    with harness.session() as session:
        known = session.get_one(Person, user.id)
        assert (known.display_name, known.version) == ("third again", 3)


def test_a_deleted_department_is_not_revived(harness: Harness) -> None:
    ident = str(new_id())
    receive(harness, "department-deleted", 5, id=ident)
    receive(harness, "department-changed", 4, id=ident, name="Late", parent_id=None)
    with harness.session() as session:
        assert session.get_one(Department, UUID(ident)).deleted


def test_looking_up_people(company: Company) -> None:
    harness = company.harness
    gone = harness.user("member", department=company.east, enabled=False)
    with harness.session() as session:
        anna = company.anna
        require = directory.require_person
        assert require(session, anna.id, field="x", roles=["member", "boss"]).id == anna.id
        for ident, roles in ((anna.id, ["boss"]), (gone.id, ["member"]), (NIL, ["member"])):
            with pytest.raises(Problem) as refused:
                require(session, ident, field="owner_id", roles=roles)
            assert refused.value.errors[0]["pointer"] == "/owner_id"
            assert refused.value.errors[0]["code"] == "unknown-reference"
        members = {p.id for p in directory.people_with_roles(session, "member")}
        assert members == {u.id for u in (anna, company.bert, company.carl, company.dora)}
        leaders = directory.leaders_of(session, company.bert.id, "leader")
        assert [p.id for p in leaders] == [company.leader.id]
        assert directory.leaders_of(session, company.carl.id, "leader") == []
        assert directory.leaders_of(session, company.dora.id, "leader") == []
        assert directory.name_of(session, anna.id) == anna.username.title()
        assert directory.name_of(session, None) is directory.name_of(session, NIL) is None
        assert directory.person(session, gone.id) is not None, "even if disabled"


def test_assigning_work(company: Company) -> None:
    def actor(scope: str, department: UUID | None) -> Actor:
        leaders = frozenset({"leader"})
        return Actor(
            id=company.leader.id, kind="user", department_id=department,
            scope=lambda _p: scope, leader_roles=lambda _p: leaders,
        )  # fmt: skip

    with company.harness.session() as session:

        def may(who: Actor) -> set[UUID]:
            return {
                p.id for p in directory.colleagues(session, who, "member", permission="note:update")
            }

        anna, bert, carl, dora = (
            u.id for u in (company.anna, company.bert, company.carl, company.dora)
        )
        assert may(actor("all", None)) == {anna, bert, carl, dora}
        assert may(actor("team", company.east)) == {anna, bert, carl, dora}, "some have no leader"
        company.harness.user("leader", department=company.west)
        session.expire_all()
        assert may(actor("team", company.east)) == {anna, bert, dora}
        assert may(actor("own", company.east)) == set()
        require = directory.require_colleague
        team = actor("team", company.east)
        assert require(session, team, anna, field="x", roles=["member"], permission="note:update")
        with pytest.raises(Problem):
            require(session, team, carl, field="x", roles=["member"], permission="note:update")


def test_without_the_permission_nothing_is_visible(harness: Harness) -> None:
    actor = Actor(id=NIL, kind="user", scope=lambda _p: None)
    assert str(directory.visible(actor, "note:read", Note.created_by)) == "false"
