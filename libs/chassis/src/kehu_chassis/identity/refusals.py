"""The record that a refused request is about, as the audit trail names it, at every edge."""

from __future__ import annotations

from collections.abc import Mapping


def record_of(permission: str, parameters: Mapping[str, str]) -> tuple[str, str | None]:
    """Type and id of the record, from the required permission and the path's parameters.

    ``dead-letter:replay`` and ``{"letter_id": "7"}`` are ``("dead_letter", "7")``: the name of the
    table, as in recorded changes. Of several records it is the one that the permission is about,
    else the first, to which the others belong.
    """
    resource = permission.partition(":")[0].replace("-", "_") if ":" in permission else ""
    for name, value in parameters.items():
        if resource.endswith(name.removesuffix("_id")):
            return resource, value
    for name, value in parameters.items():
        return (name.removesuffix("_id") if name.endswith("_id") else resource), value
    return resource or "request", None
