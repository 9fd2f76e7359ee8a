"""The OpenAPI document of a service, as exported to ``contracts/openapi/``."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

from flask import Flask

from kehu_chassis.problems import CONTENT_TYPE
from kehu_chassis.web.openapi import labels, problem_codes, required

_PROBLEM = {
    "type": "object",
    "description": "An error (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "example": "urn:kehu:problem:wrong-state"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "The stable name of the error."},
        "params": {"type": "object"},
        "detail": {"type": "string", "description": "A sentence in the caller's language."},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer to the field."},
                    "code": {"type": "string"},
                    "params": {"type": "object"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
_CHANGING = ("put", "patch", "delete")
_METHODS = ("get", "put", "post", "delete", "patch")


def document(app: Flask) -> dict[str, Any]:
    """The document: every error is one problem response, internal operations are left out."""
    spec: dict[str, Any] = app.extensions["kehu.api"].spec.to_dict()
    components = spec.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = deepcopy(_PROBLEM)
    components["responses"] = {
        "Problem": {
            "description": "An error.",
            "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    # Flask prefixes the blueprint; the contract names only the operation.
    views = {name.rpartition(".")[2]: view for name, view in app.view_functions.items()}
    for path, operations in list(spec["paths"].items()):
        for method in [m for m in _METHODS if m in operations]:
            operation = operations[method]
            if operation["x-permission"] == "internal":
                del operations[method]
            else:
                _complete(operation, method)
                view = views[operation["operationId"]]
                if method in _CHANGING and getattr(view, "kehu_if_match", None) is not False:
                    operation["parameters"].append(dict(_IF_MATCH))
                problem_codes.add(operation, method, path, view)
                _make_body_optional(operation, components["schemas"])
        if not any(method in operations for method in _METHODS):
            del spec["paths"][path]
    _drop_unused(spec)
    required.complete(spec)
    labels.add(spec, app.extensions["kehu.texts"])
    return spec


def _make_body_optional(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """A body that has only optional fields is optional."""
    if body := operation.get("requestBody"):
        schema = body["content"]["application/json"]["schema"]
        schema = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
        body["required"] = schema.get("type") != "object" or bool(schema.get("required"))


def _drop_unused(spec: dict[str, Any]) -> None:
    """Remove the schemas that only internal operations use, directly or through another schema."""
    schemas = spec["components"]["schemas"]
    while True:
        used = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(spec)))
        unused = schemas.keys() - used
        if not unused:
            return
        for name in unused:
            del schemas[name]


def _complete(operation: dict[str, Any], method: str) -> None:
    # flask-smorest adds a 422 of its own; here it is a problem like every other error.
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
    public = operation["x-permission"] == "public"
    operation["security"] = [] if public else [{"bearer": []}]
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        if parameter.get("schema", {}).get("type") == "array":
            parameter["explode"] = False  # several values are comma-separated
    if method == "get":
        parameters.append(_IF_NONE_MATCH)
        operation["responses"]["304"] = {"description": "Nothing changed since that ETag."}
    if method == "post" and not public:  # responses are stored by caller
        parameters.append(_header("Idempotency-Key", "A repeat with the same key has no effect."))


def _header(name: str, description: str, *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string", "maxLength": 255},
    }


_IF_MATCH = _header("If-Match", "The ETag of the version you change.", required=True)
_IF_NONE_MATCH = _header(
    "If-None-Match", "The ETag of the response you have: 304 if it is current."
) | {"schema": {"type": "string"}}
