"""Departments over HTTP."""

from typing import Any
from uuid import UUID

from kehu_auth.features.departments import schemas, service
from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, session

blp = Blueprint(
    "departments", __name__, url_prefix="/departments", description="The tree of departments."
)


@blp.route("", methods=["GET"])
@blp.access("department:read")
@blp.arguments(service.DEPARTMENTS.query, location="query")
@blp.response(200, page_schema(schemas.DepartmentSchema))
def list_departments(args: dict[str, Any]) -> Any:
    """List departments."""
    return service.list_(session(), actor(), args)


@blp.route("", methods=["POST"])
@blp.access("department:create")
@blp.problems(409, "department-exists")
@blp.arguments(schemas.DepartmentSchema.form())
@blp.response(201, schemas.DepartmentSchema, location="get_department")
def create_department(body: dict[str, Any]) -> Any:
    """Create a department."""
    return service.create(session(), **body)


@blp.route("/<uuid:department_id>", methods=["GET"])
@blp.access("department:read")
@blp.response(200, schemas.DepartmentSchema)
def get_department(department_id: UUID) -> Any:
    """Show a department."""
    return service.get(session(), actor(), department_id)


@blp.route("/<uuid:department_id>", methods=["PATCH"])
@blp.access("department:update")
@blp.problems(409, "department-exists")
@blp.problems(422, "circular")
@blp.arguments(schemas.DepartmentSchema.patch())
@blp.response(200, schemas.DepartmentSchema)
def update_department(body: dict[str, Any], department_id: UUID) -> Any:
    """Rename a department or move it in the tree."""
    return service.update(session(), actor(), department_id, **body)


@blp.route("/<uuid:department_id>", methods=["DELETE"])
@blp.access("department:delete")
@blp.problems(409, "department-not-empty")
@blp.response(204)
def delete_department(department_id: UUID) -> None:
    """Delete an empty department."""
    service.delete(session(), actor(), department_id)
