"""Checks that what a service returns is what its OpenAPI document promises."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema_rs
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from kehu_chassis.problems import CONTENT_TYPE
from kehu_chassis.texts import TEXTS
from kehu_chassis.web.openapi import document

# Given for what no operation declares, such as a wrong method or an unreadable header.
_TRANSPORT = (400, 405, 406, 408, 413, 414, 415)


class Conformance:
    """The promises of a service's document, by operation."""

    def __init__(self, app: Flask) -> None:
        self._map = app.url_map.bind("localhost")
        self._document = document(app)
        self._operations: dict[str, Any] = {
            operation["operationId"]: operation
            for item in self._document["paths"].values()
            for operation in item.values()
            if isinstance(operation, dict) and "operationId" in operation
        }
        self._validator = cache(self._compiled)

    def check(self, method: str, path: str, response: TestResponse) -> None:
        """Fail unless the response is one that its operation's document promises."""
        operation = self._operation(method, path)
        if operation is None:
            return
        where = f"{operation['operationId']} {response.status_code}"
        if response.mimetype == CONTENT_TYPE:
            self._check_problem(operation, response.get_json(), where)
        elif response.mimetype == "application/json" and response.data:
            validator = self._validator(operation["operationId"], str(response.status_code))
            errors = [
                f"{e.instance_path}: {e.message}" for e in validator.iter_errors(response.json)
            ]
            assert not errors, (where, errors)

    def _operation(self, method: str, path: str) -> Any:
        try:
            endpoint, _arguments = self._map.match(path.partition("?")[0], method)
        except (HTTPException, RequestRedirect):
            return None
        return self._operations.get(endpoint.rpartition(".")[2])

    def _compiled(self, name: str, status: str) -> Any:
        responses = self._operations[name]["responses"]
        assert status in responses, f"{name} does not promise {status}"
        schema = responses[status]["content"]["application/json"]["schema"]
        whole = {**schema, "components": self._document["components"]}
        return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)

    def _check_problem(self, operation: Any, problem: Any, where: str) -> None:
        promised = operation["x-problems"].get(str(problem["status"]), [])
        if problem["status"] not in _TRANSPORT:
            assert problem["code"] in promised, f"{where}: {problem['code']} is not declared"
        for error in problem.get("errors", ()):
            # Those of the chassis may be given for any field.
            known = error["code"] in TEXTS.problems or error["code"] in promised
            assert known, f"{where}: {error['code']} is not declared"
