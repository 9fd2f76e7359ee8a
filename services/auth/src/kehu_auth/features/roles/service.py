"""Roles, and the catalogue of permissions gathered from the services' contracts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_auth.features.roles.models import Role
from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity.policy import Policy
from kehu_chassis.problems import invalid, unknown_reference

ADMINISTRATOR = "admin"

ROLES = Listing(
    Role,
    filters=("name", "built_in"),
    sorts=("name", "created_at"),
    default_sort="name",
)


def list_(session: Session, actor: Actor, args: dict[str, Any]) -> Page:
    """One page of roles."""
    return records.page(session, actor, ROLES, args)


def get(session: Session, actor: Actor, role_id: UUID) -> Role:
    """One role."""
    return records.get(session, actor, Role, role_id)


def require(session: Session, names: Sequence[str], *, field: str) -> None:
    """Require that all these roles exist; 422 about the first that does not."""
    known = set(session.scalars(select(Role.name).where(Role.name.in_(names))))
    for index, name in enumerate(names):
        if name not in known:
            raise invalid(f"/{field}/{index}", "unknown-reference", field=field)


def require_one(session: Session, name: str, *, field: str) -> None:
    """Require that a role exists; 422 about ``field`` otherwise."""
    if session.scalar(select(Role.name).where(Role.name == name)) is None:
        raise unknown_reference(field)


def permissions_by_role(session: Session) -> dict[str, dict[str, str]]:
    """What every role may do."""
    return {role.name: role.permissions for role in session.scalars(select(Role))}


def permissions_of(session: Session, names: Sequence[str]) -> dict[str, str]:
    """What somebody with these roles may do, with the widest scope of each."""
    held = select(Role).where(Role.name.in_(names))
    by_role = {role.name: role.permissions for role in session.scalars(held)}
    policy = Policy(by_role, {}, [])
    every = sorted({permission for granted in by_role.values() for permission in granted})
    return {permission: str(policy.scope(by_role, permission)) for permission in every}


def seed(session: Session, contracts: Path) -> None:
    """Update the built-in roles to this release's contract."""
    known = {role.name: role for role in session.scalars(select(Role))}
    for entry in json.loads((contracts / "roles.json").read_text()):
        role = known.get(entry["name"])
        if role is None:
            role = Role(name=entry["name"])
            session.add(role)
        role.label_zh, role.label_en = entry["label"]["zh"], entry["label"]["en"]
        role.permissions, role.built_in = entry["permissions"], True
    session.flush()


def catalogue(contracts: Path) -> dict[str, Any]:
    """Every permission that an operation of any service requires, with those operations."""
    found: dict[str, list[dict[str, str]]] = {}
    for file in sorted((contracts / "openapi").glob("*.json")):
        for path, operations in json.loads(file.read_text())["paths"].items():
            for method, operation in operations.items():
                permission = operation.get("x-permission", "") if method != "parameters" else ""
                if ":" in permission:
                    found.setdefault(permission, []).append(
                        {
                            "service": file.stem,
                            "method": method.upper(),
                            "path": path,
                            "summary": operation.get("summary", ""),
                        }
                    )
    return {"items": [{"name": name, "operations": found[name]} for name in sorted(found)]}
