"""What import rules cannot express: all services are alike, the chassis contains no business."""

import ast
import importlib
import json
import re
from pathlib import Path
from typing import Any

import marshmallow as ma
import pytest
from alembic.script import ScriptDirectory
from marshmallow.fields import Boolean

from kehu_chassis.data.fields import StrictBoolean
from kehu_chassis.runtime.service import Service
from kehu_chassis.testing.operations import undeclared
from kehu_chassis.web import create_app, document
from kehu_cli.catalogue import SERVICES, module
from kehu_cli.faults import EXPERIMENTS
from tests.support.workspace import features

ROOT = Path(__file__).parents[2]
FEATURE_FILES = {
    "routes", "consumers", "jobs", "schemas", "service", "models", "events", "operations", "rules",
    "texts",
}  # fmt: skip
HEALTH = {"/healthz", "/readyz", "/metrics"}


def load(name: str) -> Service:
    service: Service = importlib.import_module(f"{module(name)}.app").service
    return service


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_one_migration_head(name: str) -> None:
    assert len(ScriptDirectory(str(load(name).migrations)).get_heads()) == 1


@pytest.mark.parametrize("name", SERVICES)
def test_every_operation_on_a_record_is_declared(name: str) -> None:
    """So that `actions` name it, by the declaration that its use case follows."""
    assert undeclared(load(name)) == []


@pytest.mark.parametrize(("feature", "folder"), list(features()))
def test_features_have_only_the_known_files(feature: str, folder: Path) -> None:
    names = {path.stem for path in folder.iterdir() if path.suffix in (".py", "")}
    assert names - {"__init__", "__pycache__"} <= FEATURE_FILES, feature


@pytest.mark.parametrize("name", SERVICES)
def test_every_route_names_its_permission(name: str) -> None:
    app = create_app(load(name), None, None)
    for rule in app.url_map.iter_rules():
        if rule.rule not in HEALTH:
            view = app.view_functions[rule.endpoint]
            assert getattr(view, "kehu_access", None), f"{rule.rule} names no permission"


@pytest.mark.parametrize("name", SERVICES)
def test_the_stored_contract_matches_the_routes(name: str) -> None:
    app = create_app(load(name), None, None)
    stored = json.loads((ROOT / f"contracts/openapi/{name}.json").read_text())
    assert json.loads(json.dumps(document(app))) == stored, "run `./kehu contracts`"
    operations = [o for path in stored["paths"].values() for o in path.values()]
    ids = [o["operationId"] for o in operations if isinstance(o, dict)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_folder_is_complete(name: str) -> None:
    folder = ROOT / "services" / name
    for part in ("README.md", "pyproject.toml", "migrations/env.py", "tests"):
        assert (folder / part).exists(), f"{name} has no {part}"


def schema_of(argument: dict[str, Any]) -> ma.Schema:
    """The schema of a view's argument, which may be a class or an instance with modifiers."""
    schema = argument["schema"]
    return schema() if isinstance(schema, type) else schema


@pytest.mark.parametrize("name", SERVICES)
def test_no_body_accepts_a_string_or_number_as_a_boolean(name: str) -> None:
    for view in create_app(load(name), None, None).view_functions.values():
        for argument in getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", []):
            if argument["in"] == "json":
                for field in schema_of(argument).load_fields.values():
                    assert not isinstance(field, Boolean) or isinstance(field, StrictBoolean), (
                        view.__name__
                    )


@pytest.mark.parametrize("folder", ["console", "e2e", "faults", "security", "support"])
def test_system_tests_use_http_and_amqp_only(folder: str) -> None:
    # The command line is an operator's tool, not part of the system under test.
    # A fault may damage the data itself, hence psycopg in faults.
    banned = re.compile(
        r"kehu_(?!cli)|sqlalchemy|flask" + ("" if folder == "faults" else "|psycopg")
    )
    for path in (ROOT / "tests" / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not [n for n in names if banned.match(n)], f"{path.name} imports internals"


NOUNS = re.compile(
    r"customer|opportunit|churn|campaign|invoice|warning_|\bcontacts?\b|\bsales\b|sales_|_sales"
    # "order" also means a sequence.
    r"|\borders\b|\border[-_](?!by\b)|_order\b",
    re.IGNORECASE,
)
# The sales system is not part of Kehu: on the broker it has a login, an exchange and a queue, like
# each service, and the topology of the broker is defined in one place.
ALLOWED_NOUNS = {
    "topology.py": {"sales", "sales_", "_sales"},
    "publisher.py": {"sales"},  # names who uses a publisher outside the services
    "events.py": {"order-", "sales"},  # a type as an example; the only producer outside of Kehu
}


@pytest.mark.parametrize("name", SERVICES)
def test_no_record_deleted_by_cascade_publishes_deletions(name: str) -> None:
    """The session never sees rows that the database deletes by ON DELETE CASCADE."""
    for model in load(name).records():
        cascades = [key for key in model.__table__.foreign_keys if key.ondelete == "CASCADE"]
        assert not (cascades and model.__state__.deleted), model.__name__


def test_the_chassis_contains_no_business_noun() -> None:
    for path in (ROOT / "libs/chassis/src").rglob("*.py"):
        found = {noun.lower() for noun in NOUNS.findall(path.read_text())}
        assert found <= ALLOWED_NOUNS.get(path.name, set()), f"{path.name} contains {found}"


def test_every_mirrored_record_is_published() -> None:
    """Otherwise `kehu reconcile` cannot compare a reader's records with anything."""
    found = [(each.side, each.type) for name in SERVICES for each in load(name).versions()]
    owned = [kind for side, kind in found if side == "owner"]
    assert len(owned) == len(set(owned))
    mirrored = {kind for side, kind in found if side == "reader"}
    assert {kind for kind in mirrored if not kind.startswith("sales.")} <= set(owned)


def test_files_stay_small() -> None:
    for folder in ("libs", "services", "gateway", "deploy"):
        for path in (ROOT / folder).rglob("src/**/*.py"):
            lines = len(path.read_text().splitlines())
            assert lines <= 450, f"{path} has {lines} lines: make it a package"


def test_fault_marks_name_known_experiments() -> None:
    """`kehu faults` would never run a test whose mark is misspelt."""
    found = set()
    for folder in ("libs", "gateway", "services", "deploy", "tests"):
        for path in (ROOT / folder).rglob("test_*.py"):
            for marks in re.findall(r"mark\.fault\(([^)]*)\)", path.read_text()):
                found |= set(re.findall(r'"([^"]+)"', marks))
    assert found and found <= set(EXPERIMENTS)
