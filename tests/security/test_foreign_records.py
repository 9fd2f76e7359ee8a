"""Another team's records appear to be missing: every operation of every contract is called on them,
and every list is searched for them.

The operations and their bodies come from the contracts, so a new one fails here until `Foreign.ids`
contains the record it needs.
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
# Those with few rights: a colleague in the same department, and a director of another one.
STRANGERS = ("account_manager", "sales_director")
# Those who may read many records of every team.
READERS = ("executive", "service_agent", "marketing_specialist")
UNKNOWN_ID = str(uuid4())
# Directors and agents read every request (table R), and may take it; agents may give feedback on it
# (D2, D4). The state of the request does not allow this: 409.
REJECTED_BY_STATE = {
    ("sales_director", "take_request"),
    ("service_agent", "take_request"),
    ("service_agent", "give_request_feedback"),
}
# This list shows everybody's customers, so that no two people pursue one company (C1).
VISIBLE_TO_ALL = {"list_customer_directory", "export_customer_directory"}
# These show nothing until something is typed.
SEARCHES = {"search_customers", "search_opportunities", "search_requests"}
# Lists where the team's own director finds the records: proof that the search works.
FOUND_BY_OWN_DIRECTOR = {
    "list_customers",
    "list_customer_directory",
    "list_churn_warnings",
    "list_opportunities",
    "show_opportunity_board",
    "search_plan_items",
    "list_requests",
    "list_all_orders",
    "list_all_contacts",
    *SEARCHES,
    "export_all_orders",
    "export_all_contacts",
    "export_customers",
    "export_customer_directory",
    "export_churn_warnings",
    "export_opportunities",
    "export_plan_items",
    "export_requests",
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
    """The status that the rules require."""
    scope = scope_of(role, operation.permission)
    if scope is None:
        return 403
    if scope == "all":
        # It is permitted; a change fails only because the version does not match.
        return 200 if operation.method == "GET" else 412
    if (role, operation.id) in REJECTED_BY_STATE:
        return 409
    resource = operation.permission.partition(":")[0].replace("contact", "customer")
    # 404 hides a record; callers who may read all of them get 403.
    return 403 if scope_of(role, f"{resource}:read") == "all" else 404


@dataclass
class Foreign:
    """The records of one team, and users outside it."""

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
    # Only an administrator may use these: rejected before any lookup.
    others = ("department_id", "role_id", "user_id", "audit_entry_id", "dead_letter_id")
    ids = records.ids | dict.fromkeys(others, UNKNOWN_ID) | {"key": "customer_sharing"}
    return Foreign(records.secret, records.director, ids, deleted, strangers)


@pytest.mark.parametrize("operation", operations(with_id=True), ids=lambda one: one.id)
def test_another_teams_record_appears_to_be_missing(foreign: Foreign, operation: Operation) -> None:
    path = foreign.path(operation)
    for role, session in foreign.strangers.items():
        version = '"999"' if scope_of(role, operation.permission) == "all" else "*"
        response = session.request(operation.method, path, operation.body, If_Match=version)
        assert response.status == expected(role, operation), f"{role}: {response.data!r}"


@pytest.mark.parametrize("operation", operations(with_id=False), ids=lambda one: one.id)
def test_only_callers_who_may_read_all_find_another_teams_records_in_lists(
    foreign: Foreign, operation: Operation
) -> None:
    path = operation.path
    if operation.id in SEARCHES:
        path += f"?q={foreign.secret}"

    def finds(session: Session) -> bool:
        page = ""
        while True:
            response = session.request("GET", path + page)
            assert response.status == 200, response.data
            found = response.data.decode()
            if operation.id in SEARCHES:
                return bool(json.loads(found)["items"])
            if foreign.secret in found:
                return True
            if path.endswith("/export"):  # all rows are in one file
                return False
            following = json.loads(response.data).get("next_cursor")
            if following is None:
                return False
            page = f"?cursor={following}"

    if operation.id in FOUND_BY_OWN_DIRECTOR:
        eventually(lambda: finds(foreign.director), what=operation.id)
    for role, session in foreign.strangers.items():
        scope = scope_of(role, operation.permission)
        if scope in ("own", "team"):
            assert finds(session) == (operation.id in VISIBLE_TO_ALL), role
        elif scope == "all" and operation.id in FOUND_BY_OWN_DIRECTOR:
            assert finds(session), role


def test_no_filter_search_or_body_reveals_another_teams_customer(foreign: Foreign) -> None:
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
    # A service agent may read every customer and create requests for each.
    foreign.strangers["service_agent"].post("/api/v1/service-desk/requests", form, 201)
