"""Users over HTTP."""

from typing import Any
from uuid import UUID

from kehu_auth.features.users import schemas, service
from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, session

blp = Blueprint("users", __name__, description="People who may sign in.")

_ONE = "/users/<uuid:user_id>"


@blp.route("/people", methods=["GET"])
@blp.access("authenticated")
@blp.arguments(service.PEOPLE.query, location="query")
@blp.response(200, page_schema(schemas.PersonSchema))
def list_people(args: dict[str, Any]) -> Any:
    """List the people one may pick: enabled users by name; with `id` also disabled ones."""
    return service.list_people(session(), args)


@blp.route("/users", methods=["GET"])
@blp.access("user:read")
@blp.arguments(service.USERS.query, location="query")
@blp.response(200, page_schema(schemas.UserSchema))
def list_users(args: dict[str, Any]) -> Any:
    """List users."""
    return service.list_(session(), actor(), args)


@blp.route("/users/export", methods=["GET"])
@blp.access("user:export")
@blp.export(schemas.UserSchema, service.USERS.query, name="users", reads="user:read")
def export_users(args: dict[str, Any]) -> Any:
    """Export the list of users as CSV or as an Excel workbook."""
    return service.list_(session(), actor(), args)


@blp.route("/users", methods=["POST"])
@blp.access("user:create")
@blp.problems(409, "username-taken")
@blp.problems(422, "bad-username", "password-is-username", "password-too-common")
@blp.problems(503, "sign-in-busy")
@blp.arguments(schemas.NewUserSchema.form())
@blp.response(201, schemas.UserSchema, location="get_user")
def create_user(body: dict[str, Any]) -> Any:
    """Create a user."""
    return service.create(session(), **body)


@blp.route(_ONE, methods=["GET"])
@blp.access("user:read")
@blp.response(200, schemas.UserSchema)
def get_user(user_id: UUID) -> Any:
    """Show a user."""
    return service.get(session(), actor(), user_id)


@blp.route(_ONE, methods=["PATCH"])
@blp.access("user:update")
@blp.problems(409, "last-administrator")
@blp.arguments(schemas.UserSchema.patch())
@blp.response(200, schemas.UserSchema)
def update_user(body: dict[str, Any], user_id: UUID) -> Any:
    """Change a user, their roles and department."""
    return service.update(session(), actor(), user_id, **body)


@blp.route(f"{_ONE}/disable", methods=["POST"])
@blp.access("user:disable")
@blp.problems(409, "last-administrator", "wrong-state")
@blp.response(200, schemas.UserSchema)
def disable_user(user_id: UUID) -> Any:
    """Disable a user and end all their sessions."""
    return service.disable(session(), actor(), user_id)


@blp.route(f"{_ONE}/enable", methods=["POST"])
@blp.access("user:disable")
@blp.problems(409, "wrong-state")
@blp.response(200, schemas.UserSchema)
def enable_user(user_id: UUID) -> Any:
    """Let a disabled user sign in again."""
    return service.enable(session(), actor(), user_id)


@blp.route(f"{_ONE}/reset-password", methods=["POST"])
@blp.access("user:reset-password")
@blp.problems(422, "password-is-username", "password-too-common")
@blp.problems(503, "sign-in-busy")
@blp.arguments(schemas.PasswordResetSchema)
@blp.response(200, schemas.UserSchema)
def reset_password(body: dict[str, Any], user_id: UUID) -> Any:
    """Give a user another password and end all their sessions."""
    return service.reset_password(session(), actor(), user_id, **body)


@blp.route(f"{_ONE}/sign-out", methods=["POST"])
@blp.access("user:sign-out")
@blp.response(204)
def sign_out_user(user_id: UUID) -> None:
    """End all sessions of a user."""
    service.sign_out(session(), actor(), user_id)
