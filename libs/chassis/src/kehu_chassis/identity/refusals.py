"""Which record a refusal is about, in the words of the audit trail, at every edge alike."""

from __future__ import annotations

from collections.abc import Mapping


def record_of(permission: str, parameters: Mapping[str, str]) -> tuple[str, str | None]:
    """Type and id of the record, by the permission asked for and the path's parameters.

    ``dead-letter:replay`` and ``{"letter_id": "7"}`` are ``("dead_letter", "7")``: named as tables
    are, under whose names changes are recorded.  Of several records the one that the permission is
    about counts, else the first: what belongs to it is refused because of it.
    """
    resource = permission.partition(":")[0].replace("-", "_") if ":" in permission else ""
    for name, value in parameters.items():
        if resource.endswith(name.removesuffix("_id")):
            return resource, value
    for name, value in parameters.items():
        return (name.removesuffix("_id") if name.endswith("_id") else resource), value
    return resource or "request", None
