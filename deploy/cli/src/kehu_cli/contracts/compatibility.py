"""Finds changes of the contracts that break clients of an earlier revision.

Clients read responses and events, and send requests; the sales system sends events. The same change
may be harmless to readers and break senders, or the reverse.
"""

import json
import posixpath
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

from kehu_chassis.messaging.contracts import whole
from kehu_cli.catalogue import CONTRACTS, ROOT
from kehu_cli.server import ServerError

Json = dict[str, Any]

_PROMISE = re.compile(r"\.schema\.json$|/openapi/[^/]+\.json$")
_METHODS = ("get", "put", "post", "delete", "patch")
_NOTHING: Json = {"type": "object"}  # no body counts as an empty one: unknown fields are refused


def of_revision(revision: str) -> dict[str, Json]:
    """Return the schemas and OpenAPI documents of a revision, by path."""
    folder = CONTRACTS.relative_to(ROOT).as_posix()
    names = _git("ls-tree", "-r", "--name-only", revision, f"{folder}/").splitlines()
    return _with_states(
        {
            name.removeprefix(f"{folder}/"): json.loads(_git("show", f"{revision}:{name}"))
            for name in names
            if _PROMISE.search(name)
        }
    )


def of_checkout() -> dict[str, Json]:
    """Return the same documents of the checkout."""
    return _with_states(
        {
            path.relative_to(CONTRACTS).as_posix(): json.loads(path.read_text())
            for path in sorted(CONTRACTS.rglob("*.json"))
            if _PROMISE.search(path.as_posix())
        }
    )


def _with_states(documents: dict[str, Json]) -> dict[str, Json]:
    """Return the documents; facts get the properties of the states that they refer to."""

    def beside(name: str) -> Callable[[str], Json]:
        folder = posixpath.dirname(name)
        return lambda ref: documents[posixpath.normpath(posixpath.join(folder, ref))]

    return {name: whole(document, beside(name)) for name, document in documents.items()}


def breaks(old: dict[str, Json], new: dict[str, Json]) -> Iterator[str]:
    """Yield every breaking change, each as a line that names its place."""
    for name, before in old.items():
        if name not in new:
            yield f"{name}: removed"
        elif "paths" in before:
            yield from _operations(before, new[name])
        else:
            compared = _Comparison(before, new[name], reads=not name.startswith("events/sales/"))
            yield from compared.run(before, new[name], name)


def _operations(old: Json, new: Json) -> Iterator[str]:
    for path, methods in old["paths"].items():
        for method in (name for name in _METHODS if name in methods):
            where = f"{method.upper()} {path}"
            after = new["paths"].get(path, {}).get(method)
            if after is None:
                yield f"{where}: removed"
            else:
                yield from _operation(old, new, methods[method], after, where)


def _operation(old: Json, new: Json, before: Json, after: Json, where: str) -> Iterator[str]:
    sent = _Comparison(old, new, reads=False)
    yield from sent.run(_parameters(before), _parameters(after), f"{where} ?")
    form, new_form = (_body(operation.get("requestBody", {})) for operation in (before, after))
    yield from sent.run(form, new_form, where)
    for status, response in before["responses"].items():
        if status not in after["responses"]:
            yield f"{where}: no longer returns {status}"
        elif status.startswith("2"):
            body, new_body = _body(response), _body(after["responses"][status])
            yield from _Comparison(old, new, reads=True).run(body, new_body, f"{where} {status}")


def _parameters(operation: Json) -> Json:
    """Return the query parameters as the fields of one object."""
    taken = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    return {
        "type": "object",
        "properties": {one["name"]: one.get("schema", {}) for one in taken},
        "required": [one["name"] for one in taken if one.get("required")],
    }


def _body(holder: Json) -> Json:
    schema: Json = holder.get("content", {}).get("application/json", {}).get("schema", _NOTHING)
    return schema


class _Comparison:
    """Compares two schemas, each within its own document, for readers or for senders."""

    def __init__(self, old: Json, new: Json, *, reads: bool) -> None:
        self._old, self._new, self._reads = old, new, reads
        self._seen: set[tuple[int, int]] = set()

    def run(self, before: Json, after: Json, where: str) -> Iterator[str]:
        pair = id(before), id(after)  # a schema may hold itself
        if pair in self._seen:
            return
        self._seen.add(pair)
        before, after = _resolved(self._old, before), _resolved(self._new, after)
        old, new = _types(before), _types(after)
        known, possible = (old, new) if self._reads else (new, old)
        if known and not possible <= known:
            yield f"{where}: was {' or '.join(sorted(old))}, is {' or '.join(sorted(new))}"
        for value in before.get("enum", ()):
            # Whether null is possible is part of the type, however the document writes it.
            if value is not None and value not in after.get("enum", [value]):
                yield f"{where}: no longer {value}"
        yield from self._fields(before, after, where)
        if "items" in before and "items" in after:
            yield from self.run(before["items"], after["items"], f"{where}/*")

    def _fields(self, before: Json, after: Json, where: str) -> Iterator[str]:
        fields = after.get("properties", {})
        for name, schema in before.get("properties", {}).items():
            if name in fields:
                yield from self.run(schema, fields[name], f"{where}/{name}")
            else:
                yield f"{where}/{name}: removed"
        was, now = set(before.get("required", ())), set(after.get("required", ()))
        for name in sorted((was - now) & fields.keys() if self._reads else now - was):
            yield f"{where}/{name}: {'may be left out' if self._reads else 'required'}"


def _resolved(document: Json, schema: Json) -> Json:
    while reference := schema.get("$ref"):
        schema = document
        for step in reference.removeprefix("#/").split("/"):
            schema = schema[step]
    if options := [_resolved(document, option) for option in schema.get("anyOf", ())]:
        merged = {key: value for option in options for key, value in option.items()}
        return merged | {"type": sorted(set().union(*map(_types, options)))}
    return schema


def _types(schema: Json) -> set[str]:
    return {kind} if isinstance(kind := schema.get("type", []), str) else set(kind)


def _git(*arguments: str) -> str:
    result = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    if result.returncode:
        raise ServerError(f"git {arguments[0]}: {result.stderr.strip()}")
    return result.stdout
