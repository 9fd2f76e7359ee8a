"""What every operation of the OpenAPI documents has in common."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kehu_cli.catalogue import CONTRACTS

# A key has no path of its own.
WITHOUT_PATH = {"rotate_keys"}


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((CONTRACTS / "openapi").glob("*.json")):
        for methods in json.loads(Path(path).read_text())["paths"].values():
            for operation in methods.values():
                if isinstance(operation, dict) and "operationId" in operation:
                    yield operation["operationId"], operation


CREATING = {name: one for name, one in operations() if "201" in one["responses"]}


@pytest.mark.parametrize("name", sorted(CREATING.keys() - WITHOUT_PATH))
def test_a_created_record_is_located(name: str) -> None:
    assert "Location" in CREATING[name]["responses"]["201"].get("headers", {})
