"""Every error is raised by its code; every code and label has a text in both languages."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from kehu_chassis import texts
from kehu_chassis.records.record import Record
from kehu_chassis.runtime.server import rejections
from kehu_chassis.runtime.service import Service
from kehu_chassis.texts import Texts
from kehu_chassis.web import application
from kehu_gateway.texts import TEXTS as GATEWAY_TEXTS
from tests.support.workspace import features, packages

ROOT = Path(__file__).parents[2]
PACKAGES = packages()
SOURCES = PACKAGES | {
    "kehu_chassis": ROOT / "libs/chassis/src",
    "kehu_gateway": ROOT / "gateway/src",
}
CODE_ARGUMENT = {
    "Problem": 1,
    "invalid": 1,
    "field_error": 1,
    "Fault": 0,
    "Blocked": 0,
    "_refused": 0,
    "_failure": 2,
}


def codes(folder: Path) -> Iterator[tuple[str, set[str] | None]]:
    """The error codes in a folder's sources with their parameters; None: known at run time only."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = called(node)
                position = CODE_ARGUMENT.get(name, len(node.args))
                for argument in node.args[position : position + 1]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield argument.value, parameters(name, node)


def called(call: ast.Call) -> str:
    """The name of the called function, without its module or object."""
    name: str = getattr(call.func, "id", getattr(call.func, "attr", ""))
    return name


def parameters(name: str, call: ast.Call) -> set[str] | None:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if name == "_failure":
        return None
    if name in ("invalid", "field_error", "Fault"):
        return {arg for arg in named if arg}
    params = named.get("params", ast.Dict([], []))
    if not isinstance(params, ast.Dict):
        return None
    return {key.value for key in params.keys if isinstance(key, ast.Constant)}


def texts_of(name: str) -> Texts:
    """All texts of a service, of the gateway or of the chassis."""
    if name in PACKAGES:
        return service_of(name).texts()
    return {"kehu_gateway": GATEWAY_TEXTS, "kehu_chassis": texts.TEXTS}[name]


def service_of(name: str) -> Service:
    service: Service = importlib.import_module(f"{name}.app").service
    return service


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


# Names that are the same in every language.
NAMES = {"Bearer", "CSV", "Excel", "JSON"}


def is_chinese(text: str) -> bool:
    return re.search("[\u4e00-\u9fff]", text) is not None


@pytest.mark.parametrize("name", SOURCES)
def test_every_error_has_a_text(name: str) -> None:
    problems = texts_of(name).problems
    for code, given in codes(SOURCES[name]):
        assert code in problems, f"{code} has no text: see kehu_chassis.texts"
        needed = placeholders(problems[code][0])
        assert given is None or needed <= given, f"{code} lacks the parameters {needed - given}"


def test_codes_not_raised_by_name_have_texts() -> None:
    found = {*application._HTTP_CODES.values()}
    found |= {code for _, code in rejections.STATUS_OF.values()}
    found |= {"too-small", "too-large", "too-short", "too-long", "out-of-range", "wrong-length"}
    assert found <= texts.TEXTS.problems.keys()


@pytest.mark.parametrize("name", SOURCES)
def test_every_text_is_in_both_languages(name: str) -> None:
    everything = texts_of(name)
    pairs = [*everything.problems.values()]
    for labels in everything.labels.values():
        pairs += labels.values()
    for english, chinese in pairs:
        if english == chinese and english in NAMES:
            continue
        assert not is_chinese(english), english
        assert is_chinese(chinese) or not re.sub(r"\{\w+\}|\W", "", chinese), chinese
        assert placeholders(english) == placeholders(chinese), english


@pytest.mark.parametrize("name", PACKAGES)
def test_every_record_and_state_has_a_label(name: str) -> None:
    labels = texts_of(name).labels
    for path in SOURCES[name].rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and called(node) == "wrong_state":
                record, state = node.args
                assert isinstance(record, ast.Constant), f"{path} names no record"
                assert record.value in labels["record"]
                states = labels[f"{record.value}.state"]
                assert not isinstance(state, ast.Constant) or state.value in states


@pytest.mark.parametrize("name", PACKAGES)
def test_every_record_with_transitions_has_labels(name: str) -> None:
    """`records.lock` names the record by its resource."""
    labels = texts_of(name).labels
    service_of(name).load_models()
    for record in subclasses(Record):
        if record.__transitions__ is not None and record.__module__.startswith(f"{name}."):
            resource = record.__scope__.resource
            assert resource in labels["record"]
            states = {state for each in record.__transitions__.allowed.values() for state in each}
            assert states <= labels[f"{resource}.state"].keys()


def subclasses(parent: type[Record]) -> Iterator[type[Record]]:
    for child in parent.__subclasses__():
        yield child
        yield from subclasses(child)


@pytest.mark.parametrize(("feature", "folder"), list(features()))
def test_the_labels_of_states_are_the_states_of_the_rules(feature: str, folder: Path) -> None:
    if not (folder / "texts.py").exists() or not (folder / "rules.py").exists():
        return
    rules = importlib.import_module(f"{feature}.rules")
    found: Texts = importlib.import_module(f"{feature}.texts").TEXTS
    for context, labels in found.labels.items():
        if context.endswith(".state"):
            states = getattr(rules, "STATUSES", None) or getattr(rules, "STATES", None)
            own = states is not None and set(labels) & set(states)  # not those of another record
            assert not own or set(labels) == set(states), context


@pytest.mark.parametrize("name", SOURCES)
def test_every_check_of_a_value_has_a_code(name: str) -> None:
    """`Blueprint.arguments` checks fields and validators; this checks explicit raises."""
    for path in SOURCES[name].rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and called(node) == "ValidationError":
                raised = ast.unparse(node.args[0])
                assert raised == "self.error" or raised.startswith(("Fault(", "_wrong(")), path
