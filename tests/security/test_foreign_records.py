"""What belongs to another team is as good as missing: every operation of every contract is tried on
somebody else's records, and every list is searched for them.

The operations and their bodies come from the contracts, so a new one fails here until it is said
which record it takes (`Foreign.ids`).
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.bodies import body_of
from tests.support.records import a_customer, records_of_a_team
from tests.support.stack import RunningStack, Session, eventually

ROOT = Path(__file__).parents[2]
ROLES: dict[str, dict[str, str]] = {
    role["name"]: role["permissions"]
    for role in json.loads((ROOT / "contracts/roles.json").read_text())
}
# To whom most is foreign: a colleague in the same department, and a director of another one.
STRANGERS = ("account_manager", "sales_director")
# Who reads much of what every team has.
READERS = ("executive", "service_agent", "marketing_specialist")
SOMEBODY = str(uuid4())
# Directors and agents read every request (table R), and may take it or, agents, give feedback on it
# (D2, D4): they are told that it is not in the state for it.
BY_ITS_STATE = {
    ("sales_director", "take_request"),
    ("service_agent", "take_request"),
    ("service_agent", "give_request_feedback"),
}
# Of other people's customers these lists show what avoids that two chase one company (C1).
FOR_EVERYBODY = {"list_customer_directory"}
# Where their own director finds the records, so that looking for them can fail.
FOUND_BY_THEIR_DIRECTOR = {
    "list_customers",
    "list_customer_directory",
    "list_churn_warnings",
    "list_opportunities",
    "list_requests",
    "show_customer_contribution",
    "list_customer_contribution_rows",
    "list_customer_composition_rows",
    "list_customer_churn_warning_rows",
    "list_sales_funnel_rows",
}


@dataclass(frozen=True)
class Operation:
    """One operation of a contract."""

    method: str
    path: str
    id: str
    permission: str
    body: Any = None


def operations(*, with_id: bool) -> list[Operation]:
    found = []
    for contract in sorted((ROOT / "contracts/openapi").glob("*.json")):
        document = json.loads(contract.read_text())
        for path, methods in document["paths"].items():
            for method, described in methods.items():
                if not isinstance(described, dict):
                    continue  # parameters that the methods share
                if ("{" in path) == with_id and (with_id or method == "get"):
                    found.append(
                        Operation(
                            method.upper(),
                            path,
                            described["operationId"],
                            described["x-permission"],
                            body_of(described, document),
                        )
                    )
    return found


def scope_of(role: str, permission: str) -> str | None:
    return "own" if permission == "authenticated" else ROLES[role].get(permission)


def expected(role: str, operation: Operation) -> int:
    """The status that the rules ask for."""
    scope = scope_of(role, operation.permission)
    if scope is None:
        return 403
    if scope == "all":
        # They may do it; what they change is only not of the version that they name.
        return 200 if operation.method == "GET" else 412
    if (role, operation.id) in BY_ITS_STATE:
        return 409
    resource = operation.permission.partition(":")[0].replace("contact", "customer")
    # Who may read everything is told that they may not do it, not that it is missing.
    return 403 if scope_of(role, f"{resource}:read") == "all" else 404


@dataclass
class Foreign:
    """The records of one team, and those who have nothing to do with them."""

    secret: str
    director: Session
    ids: dict[str, str]
    deleted_customer: str
    strangers: dict[str, Session]

    def path(self, operation: Operation) -> str:
        ids = self.ids
        if operation.id == "restore_customer":
            ids = ids | {"customer_id": self.deleted_customer}
        return re.sub(r"\{(\w+)\}", lambda match: ids[match[1]], operation.path)


@pytest.fixture(scope="session")
def foreign(stack: RunningStack) -> Foreign:
    records = records_of_a_team(stack)
    strangers = {
        "account_manager": stack.person("account_manager", department_id=records.department_id),
        "sales_director": stack.person("sales_director", department_id=stack.department("Theirs")),
        **{role: stack.person(role) for role in READERS},
    }
    deleted = a_customer(records.manager, f"{records.secret} deleted")
    gone = f"/api/v1/customer/customers/{deleted}"
    eventually(lambda: records.director.expect(204, "DELETE", gone, If_Match="*") is None)
    # Nobody's but an administrator's: refused before anybody looks for them.
    others = ("department_id", "role_id", "user_id", "audit_entry_id", "dead_letter_id")
    ids = records.ids | dict.fromkeys(others, SOMEBODY) | {"key": "customer_sharing"}
    return Foreign(records.secret, records.director, ids, deleted, strangers)


@pytest.mark.parametrize("operation", operations(with_id=True), ids=lambda one: one.id)
def test_another_teams_record_is_as_good_as_missing(foreign: Foreign, operation: Operation) -> None:
    path = foreign.path(operation)
    for role, session in foreign.strangers.items():
        version = '"999"' if scope_of(role, operation.permission) == "all" else "*"
        response = session.request(operation.method, path, operation.body, If_Match=version)
        assert response.status == expected(role, operation), f"{role}: {response.data!r}"


@pytest.mark.parametrize("operation", operations(with_id=False), ids=lambda one: one.id)
def test_another_teams_records_are_in_the_lists_of_those_only_who_may_read_all(
    foreign: Foreign, operation: Operation
) -> None:
    def shown(session: Session) -> bool:
        page = ""
        while True:
            response = session.request("GET", operation.path + page)
            assert response.status == 200, response.data
            if foreign.secret in response.data.decode():
                return True
            following = json.loads(response.data).get("next_cursor")
            if following is None:
                return False
            page = f"?cursor={following}"

    if operation.id in FOUND_BY_THEIR_DIRECTOR:
        eventually(lambda: shown(foreign.director), what=operation.id)
    for role, session in foreign.strangers.items():
        scope = scope_of(role, operation.permission)
        if scope in ("own", "team"):
            assert shown(session) == (operation.id in FOR_EVERYBODY), role
        elif scope == "all" and operation.id in FOUND_BY_THEIR_DIRECTOR:
            assert shown(session), role


def test_another_teams_customer_is_known_to_no_filter_search_or_body(foreign: Foreign) -> None:
    customer = foreign.ids["customer_id"]
    form = {"type": "complaint", "summary": "x", "description": "x", "customer_id": customer}
    for session in (foreign.strangers[role] for role in STRANGERS):
        for path in (
            f"/api/v1/customer/churn-warnings?customer_id={customer}",
            f"/api/v1/customer/customers?q={foreign.secret}",
            f"/api/v1/marketing/opportunities?q={foreign.secret}",
        ):
            assert session.get(path)["total"] == 0, path
    colleague = foreign.strangers["account_manager"]
    colleague.expect(422, "POST", "/api/v1/service-desk/requests", form)
    # A service agent knows every customer, and may help each.
    foreign.strangers["service_agent"].post("/api/v1/service-desk/requests", form, 201)
