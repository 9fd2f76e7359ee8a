"""Roles and permissions over HTTP."""

from typing import Any
from uuid import UUID

from kehu_auth import environment
from kehu_auth.features.roles import schemas, service
from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, session

blp = Blueprint("roles", __name__, description="Roles, and what they may do.")


@blp.route("/roles", methods=["GET"])
@blp.access("role:read")
@blp.arguments(service.ROLES.query, location="query")
@blp.response(200, page_schema(schemas.RoleSchema))
def list_roles(args: dict[str, Any]) -> Any:
    """List roles."""
    return service.list_(session(), actor(), args)


@blp.route("/roles/<uuid:role_id>", methods=["GET"])
@blp.access("role:read")
@blp.response(200, schemas.RoleSchema)
def get_role(role_id: UUID) -> Any:
    """Show a role."""
    return service.get(session(), actor(), role_id)


@blp.route("/permissions", methods=["GET"])
@blp.access("role:read")
@blp.response(200, schemas.PermissionsSchema)
def list_permissions() -> Any:
    """List every permission, with the operations it opens."""
    return service.catalogue(environment.contracts().path)
