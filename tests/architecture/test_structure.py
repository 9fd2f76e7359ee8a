"""What import rules cannot say: every service is built alike, and the chassis knows no business."""

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
from kehu_chassis.web import create_app, document
from kehu_cli.catalogue import SERVICES, module
from kehu_cli.faults import EXPERIMENTS
from tests.support.workspace import features

ROOT = Path(__file__).parents[2]
FEATURE_FILES = {
    "routes", "consumers", "jobs", "schemas", "service", "models", "events", "rules", "texts",
}  # fmt: skip
HEALTH = {"/healthz", "/readyz", "/metrics"}


def load(name: str) -> Service:
    service: Service = importlib.import_module(f"{module(name)}.app").service
    return service


@pytest.mark.parametrize("name", SERVICES)
def test_one_migration_head(name: str) -> None:
    assert len(ScriptDirectory(str(load(name).migrations)).get_heads()) == 1


@pytest.mark.parametrize(("feature", "folder"), list(features()))
def test_features_have_only_the_known_files(feature: str, folder: Path) -> None:
    names = {path.stem for path in folder.iterdir() if path.suffix in (".py", "")}
    assert names - {"__init__", "__pycache__"} <= FEATURE_FILES, feature


@pytest.mark.parametrize("name", SERVICES)
def test_every_route_names_who_may_call_it(name: str) -> None:
    app = create_app(load(name), None, None)
    for rule in app.url_map.iter_rules():
        if rule.rule not in HEALTH:
            view = app.view_functions[rule.endpoint]
            assert getattr(view, "kehu_access", None), f"{rule.rule} names no permission"


@pytest.mark.parametrize("name", SERVICES)
def test_contract_and_routes_are_the_same(name: str) -> None:
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
    """The schema of a view's argument, which may be a class or have its modifiers already."""
    schema = argument["schema"]
    return schema() if isinstance(schema, type) else schema


@pytest.mark.parametrize("name", SERVICES)
def test_no_body_takes_a_word_or_number_for_true(name: str) -> None:
    for view in create_app(load(name), None, None).view_functions.values():
        for taken in getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", []):
            if taken["in"] == "json":
                for field in schema_of(taken).load_fields.values():
                    assert not isinstance(field, Boolean) or isinstance(field, StrictBoolean), (
                        view.__name__
                    )


@pytest.mark.parametrize("folder", ["e2e", "faults", "security", "support"])
def test_tests_of_the_whole_speak_http_and_amqp_only(folder: str) -> None:
    # The command line is an operator's tool, not a part of what is tested.
    # A fault may be one of the data itself.
    inside = re.compile(
        r"kehu_(?!cli)|sqlalchemy|flask" + ("" if folder == "faults" else "|psycopg")
    )
    for path in (ROOT / "tests" / folder).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not [name for name in names if inside.match(name)], f"{path.name} looks inside"


NOUNS = re.compile(
    r"customer|opportunit|churn|campaign|invoice|warning_|\bcontacts?\b|\bsales\b|sales_|_sales"
    # "order" is also what lists are in.
    r"|\borders\b|\border[-_](?!by\b)|_order\b",
    re.IGNORECASE,
)
# The sales system is no part of Kehu: it is a party on the broker like each service, with a login,
# an exchange and a queue of its own, and the topology of the broker is written in one place.
ALLOWED_NOUNS = {
    "topology.py": {"sales", "sales_", "_sales"},
    "publisher.py": {"sales"},  # says for whom there is a publisher outside the services
    "events.py": {"order-"},  # an event type as an example
}


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_database_deletes_by_itself_publishes_no_deletion(name: str) -> None:
    """Rows that go with others by ON DELETE CASCADE are never seen by a session."""
    for model in load(name).records():
        cascades = [key for key in model.__table__.foreign_keys if key.ondelete == "CASCADE"]
        assert not (cascades and model.__state__.deleted), model.__name__


def test_the_chassis_knows_no_business_noun() -> None:
    for path in (ROOT / "libs/chassis/src").rglob("*.py"):
        found = {noun.lower() for noun in NOUNS.findall(path.read_text())}
        assert found <= ALLOWED_NOUNS.get(path.name, set()), f"{path.name} speaks of {found}"


def test_what_is_mirrored_is_published() -> None:
    """Otherwise `kehu reconcile` has nothing to compare a reader's records with."""
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
    """`kehu faults` would never run a test whose mark has a slip in it."""
    found = set()
    for folder in ("libs", "gateway", "services", "deploy", "tests"):
        for path in (ROOT / folder).rglob("test_*.py"):
            for marks in re.findall(r"mark\.fault\(([^)]*)\)", path.read_text()):
                found |= set(re.findall(r'"([^"]+)"', marks))
    assert found and found <= set(EXPERIMENTS)
