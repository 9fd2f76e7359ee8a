"""Any request to any operation returns a response that the contract describes, never a 5xx."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from kehu_cli.catalogue import SERVICES
from tests.support.records import Records, a_customer, records_of_a_team
from tests.support.stack import RunningStack, Session, cloud_event, eventually

ROOT = Path(__file__).parents[2]
load_all_checks()
# Lists that contain rows created by the tests.
WITH_ROWS = (
    "/users", "/departments", "/roles", "/people", "/audit-entries", "/settings", "/permissions",
    "/opportunities", "/stages", "/plan-items",
    "/customers", "/customer-directory", "/contacts", "/orders", "/losses", "/churn-warnings",
    "/churn-scans", "customer/dead-letters", "/products", "/stock",
    "/reference-data/level", "/reference-data/order-status",
    "/requests", "/notifications", "/rows", "/search",
)  # fmt: skip
CHECKS = (
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
# Any rejection counts: a too long request, for one, is rejected before validation.
CONFIG = SchemathesisConfig.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}}}
)
# It invalidates every token, including those of all other tests.
EXCLUDED = "/auth/keys/rotate$"
# These end the session that sends them, or count as guessing a password.
FOR_A_LEAVER = ("/auth/logout", "/auth/me/password")
EXAMPLES = 8


@dataclass(frozen=True)
class World:
    """Users of every role, and real records that they may read."""

    admin: Session
    nobody: Session
    people: dict[str, Session]
    leaver: Session
    ids: dict[str, str]
    secret: str  # finds the records

    def caller(self, path: str, operation: Mapping[str, Any]) -> Session:
        """A user with the permissions of an operation, so that requests pass the check."""
        permission = operation["x-permission"]
        if permission == "public":
            return self.nobody
        if path.endswith(FOR_A_LEAVER):
            return self.leaver
        for role in json.loads((ROOT / "contracts/roles.json").read_text()):
            needed = {permission, operation.get("x-reads", permission)}
            if needed <= role["permissions"].keys() and role["name"] in self.people:
                return self.people[role["name"]]
        return self.admin if permission != "authenticated" else self.people["account_manager"]


CATALOGUE = [
    (kind, cloud_event(kind, data, subject=f"P-{uuid4().hex[:8]}"))
    for kind, data in (
        ("sales.product-changed.v1", {"code": "P-1", "name": "Paper", "currency": "CNY"}),
        (
            "sales.stock-changed.v1",
            {"product_code": "P-1", "warehouse": "Beijing", "quantity": "1"},
        ),
    )
]


@pytest.fixture(scope="session")
def world(stack: RunningStack) -> World:
    records = records_of_a_team(stack)
    people = {
        "executive": stack.person("executive"),
        "sales_director": records.director,
        "account_manager": records.manager,
        "service_agent": stack.person("service_agent", department_id=records.department_id),
    }
    leaver = stack.person("account_manager")
    confirm_loss(records)
    # A second customer, as reports exclude lost ones by default.
    a_customer(records.manager, f"{records.secret} too")
    stack.publish_as_sales(*CATALOGUE)
    ids = records.ids | {
        "user_id": stack.person("account_manager").user["id"],
        "department_id": stack.department("Fuzzed"),
        "role_id": stack.admin.get("/api/v1/auth/roles")["items"][0]["id"],
        "key": "customer_sharing",
        "audit_entry_id": eventually(
            lambda: stack.admin.get("/api/v1/auth/audit-entries?limit=1")["items"]
        )[0]["id"],
        "dead_letter_id": a_dead_letter(stack),
    }
    return World(stack.admin, stack.nobody, people, leaver, ids, records.secret)


def confirm_loss(records: Records) -> None:
    """Confirm the loss of the warned customer."""
    path = f"/api/v1/customer/churn-warnings/{records.ids['warning_id']}"
    records.manager.post(f"{path}/reprieves", {"measure": "x"}, 201)
    records.manager.post(f"{path}/confirm", {"reason_code": "price", "reason": "x"})


def a_dead_letter(stack: RunningStack) -> str:
    """Publish an unreadable event; returns the id of its dead letter."""
    stack.publish_as_sales(("sales.order-paid.v1", b"not json"))
    path = "/api/v1/customer/dead-letters?state=dead"
    return str(eventually(lambda: stack.admin.get(path)["items"])[0]["id"])


def operations() -> list[Any]:
    return [
        result.ok()
        for service in SERVICES
        for result in contract(service).get_all_operations()
        if result.ok().method == "get"
    ]


def contract(service: str) -> Any:
    path = ROOT / "contracts/openapi" / f"{service}.json"
    document = json.loads(path.read_text())
    schema = schemathesis.openapi.from_dict(document, config=CONFIG)
    return schema.exclude(path_regex=EXCLUDED)


@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.label)
def test_real_rows_match_the_contract(world: World, operation: Any) -> None:
    if "dead-letters/{" in operation.path and "/customer/" not in operation.path:
        pytest.skip("the dead letter is the customer service's")
    raw = operation.definition.raw
    names = re.findall(r"{(\w+)}", operation.path)
    session = world.caller(operation.path, raw)
    case = operation.Case(
        path_parameters={name: world.ids[name] for name in names},
        query={"q": world.secret} if operation.path.endswith("/search") else {},
    )
    headers = {"Authorization": f"Bearer {session.token}"} if session.login else {}

    def valid_response() -> Any:
        response = case.call(base_url=session.base, headers=headers, timeout=35)
        case.validate_response(response, checks=CHECKS)
        assert response.status_code == 200, response.text
        if operation.path.endswith("/export"):
            return response
        document = response.json()
        if operation.path.endswith(WITH_ROWS):
            assert document["items"], "no row to compare with the contract"
        return response

    eventually(valid_response, what=operation.label)


def fuzz(operations: Any, turns: Iterator[int]) -> Any:
    @operations.parametrize()
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def test(case: schemathesis.Case, world: World) -> None:
        operation = case.operation.definition.raw
        session = world.caller(case.operation.path, operation)
        headers = {"Authorization": f"Bearer {session.token}"} if session.login else {}
        valid = has_array_of_one(case) or is_cleaned(case)
        checks = CHECKS if valid else (*CHECKS, negative_data_rejection)
        if next(turns) % 2:
            # In every second case the record exists and its version matches.
            checks = CHECKS
            known = {n: world.ids[n] for n in case.path_parameters or () if n != "key"}
            case.path_parameters = {**(case.path_parameters or {}), **known}
            if case.method != "GET":
                headers["If-Match"] = "*"
        response = case.call(base_url=session.base, headers=headers, timeout=35)
        case.validate_response(response, checks=checks)

    return test


def has_array_of_one(case: schemathesis.Case) -> bool:
    """Whether a query has a single value for an array: valid, as it is the way to send one item."""
    arrays = {
        parameter["name"]
        for parameter in case.operation.definition.raw.get("parameters", [])
        if parameter["in"] == "query" and parameter["schema"].get("type") == "array"
    }
    return any(
        name in arrays and not isinstance(value, list) for name, value in (case.query or {}).items()
    )


def is_cleaned(case: schemathesis.Case) -> bool:
    """Whether a text of the query loses invisible characters, and with them may become valid."""
    texts = [value for value in (case.query or {}).values() if isinstance(value, str)]
    return any(not text.isprintable() or text != text.strip() for text in texts)


# One test for each operation; the plugin would give all tests of a contract the same node id.
for _service in SERVICES:
    _contract, _turns = contract(_service), itertools.count()
    for _found in _contract.get_all_operations():
        _id = _found.ok().definition.raw["operationId"]
        _test = fuzz(_contract.include(operation_id=_id), _turns)
        globals()[f"test_{_service.replace('-', '_')}_{_id}"] = _test
