"""Every operation of every contract, for every role, is permitted or rejected as in table R.

The matrix is repeated here from the product specification, so that a mistake in
``contracts/roles.json`` shows.
"""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.stack import RunningStack, Session

ROOT = Path(__file__).parents[2]
ROLES = (
    "admin", "executive", "sales_director", "account_manager", "marketing_specialist",
    "service_agent",
)  # fmt: skip
_ADMIN = {
    "user", "role", "department", "setting", "audit", "reference-data", "dead-letter", "churn-scan",
    "key",
}  # fmt: skip
OWN, TEAM, ALL = "own", "team", "all"
X, D, A, G = "executive", "sales_director", "account_manager", "service_agent"
TABLE: dict[str, dict[str, str]] = {
    "opportunity:read": {X: ALL, D: TEAM, A: OWN},
    "opportunity:create": {D: OWN, A: OWN},
    "opportunity:delete": {D: OWN, A: OWN},
    "opportunity:update": {D: TEAM, A: OWN},
    "opportunity:plan": {D: TEAM, A: OWN},
    "opportunity:progress": {D: TEAM, A: OWN},
    "opportunity:stage": {D: TEAM, A: OWN},
    "opportunity:close": {D: TEAM, A: OWN},
    "opportunity:assign": {D: TEAM},
    "opportunity:void": {D: TEAM},
    "customer:read": {X: ALL, D: TEAM, A: OWN, G: ALL},
    "customer:create": {D: TEAM, A: OWN},
    "customer:update": {D: TEAM, A: OWN},
    "contact:create": {D: TEAM, A: OWN},
    "contact:update": {D: TEAM, A: OWN},
    "contact:delete": {D: TEAM, A: OWN},
    "customer:reassign": {D: TEAM},
    "customer:delete": {D: TEAM},
    "customer:reactivate": {D: TEAM},
    "churn-warning:read": {X: ALL, D: TEAM, A: OWN},
    "churn-warning:reprieve": {D: TEAM, A: OWN},
    "churn-warning:confirm": {D: TEAM, A: OWN},
    "service-request:read": {X: ALL, D: ALL, A: OWN, G: ALL},
    "service-request:create": {D: OWN, A: OWN, G: OWN},
    "service-request:take": {D: OWN, A: OWN, G: OWN},
    "service-request:handle": {D: OWN, A: OWN, G: OWN},
    "service-request:feedback": {D: OWN, A: OWN, G: OWN},
    "service-request:assign": {D: ALL},
    "service-request:cancel": {D: ALL},
    "service-request:close": {D: ALL},
    "report:read": {X: ALL, D: TEAM},
    "saved-view:share": {"admin": OWN, X: OWN, D: OWN},
    "customer:export": {X: ALL, D: TEAM},
    "opportunity:export": {X: ALL, D: TEAM},
    "churn-warning:export": {X: ALL, D: TEAM},
    "service-request:export": {X: ALL, D: ALL, G: ALL},
}
# The public operations, and their responses to an unknown field or parameter.
PUBLIC = {
    ("POST", "/api/v1/auth/login"): (422, "validation-failed"),
    ("POST", "/api/v1/auth/refresh"): (422, "validation-failed"),
    ("GET", "/.well-known/jwks.json"): (422, "validation-failed"),
    ("GET", "/api/v1/auth/client-configuration"): (422, "validation-failed"),
}


def operations() -> list[tuple[str, str, str]]:
    found = []
    for path in sorted((ROOT / "contracts/openapi").glob("*.json")):
        for address, methods in json.loads(path.read_text())["paths"].items():
            for method, operation in methods.items():
                if isinstance(operation, dict):
                    found.append((method.upper(), address, operation["x-permission"]))
    return found


def is_permitted(role: str, permission: str) -> bool:
    if permission in ("public", "authenticated"):
        return True
    if permission.split(":")[0] in _ADMIN:
        return role == "admin"
    return role in TABLE[permission]


def test_the_built_in_roles_match_table_r() -> None:
    required = {permission for _method, _address, permission in operations()}
    expected: dict[str, dict[str, str]] = {role: {} for role in ROLES}
    for permission in required - {"public", "authenticated"}:
        if permission.split(":")[0] in _ADMIN:
            expected["admin"][permission] = ALL
        for role, scope in TABLE.get(permission, {}).items():
            expected[role][permission] = scope
    stored = json.loads((ROOT / "contracts/roles.json").read_text())
    assert {role["name"]: role["permissions"] for role in stored} == expected


def test_every_permission_is_in_table_r_and_every_row_is_required() -> None:
    required = {permission for _method, _address, permission in operations()}
    business = {p for p in required if ":" in p and p.split(":")[0] not in _ADMIN}
    assert business == set(TABLE)


def test_all_public_operations_are_listed_here() -> None:
    found = {(method, address) for method, address, p in operations() if p == "public"}
    assert found == set(PUBLIC)


@pytest.fixture(scope="session")
def sessions(stack: RunningStack) -> dict[str, Session]:
    department = stack.department("Matrix")
    return {role: stack.person(role, department_id=department) for role in ROLES}


def status_and_code(session: Session, method: str, address: str) -> tuple[int, Any]:
    path = address
    while "{" in path:
        start, end = path.index("{"), path.index("}")
        path = path[:start] + str(uuid4()) + path[end + 1 :]
    if method == "GET":
        path += "?no_such_parameter=1"
    body = {"no_such_field": 1} if method in ("POST", "PUT", "PATCH") else None
    response = session.request(method, path, body, If_Match='"1"')
    problem = json.loads(response.data) if response.data else {}
    return response.status, problem.get("code") if isinstance(problem, dict) else None


@pytest.mark.parametrize(("method", "address", "permission"), operations())
def test_an_operation_is_permitted_to_its_roles_only(
    stack: RunningStack, sessions: dict[str, Session], method: str, address: str, permission: str
) -> None:
    if permission == "public":
        assert status_and_code(stack.nobody, method, address) == PUBLIC[method, address]
        return
    assert status_and_code(stack.nobody, method, address)[0] == 401
    for role in ROLES:
        status, code = status_and_code(sessions[role], method, address)
        rejected = status == 403 and code == "forbidden"
        assert rejected != is_permitted(role, permission), f"{role}: {status} {code}"
        # A permitted request fails, as there is no such field, parameter or record.
        expected = 403 if rejected else 404 if method == "DELETE" else 422
        assert status == expected, f"{role}: {status} {code}"
