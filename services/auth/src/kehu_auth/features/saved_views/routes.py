"""Saved views over HTTP."""

from typing import Any
from uuid import UUID

from kehu_auth.features.saved_views import rules, schemas, service
from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, session

blp = Blueprint(
    "saved-views",
    __name__,
    url_prefix="/saved-views",
    description="Filters, order and columns of lists, under names.",
)

_ONE = "/<uuid:view_id>"


@blp.route("", methods=["GET"])
@blp.access("authenticated")
@blp.arguments(service.VIEWS.query, location="query")
@blp.response(200, page_schema(schemas.SavedViewSchema))
def list_saved_views(args: dict[str, Any]) -> Any:
    """List one's own views and those shared with one's role or department."""
    return service.list_(session(), actor(), args)


@blp.route("", methods=["POST"])
@blp.access("authenticated")
@blp.problems(409, "too-many-views")
@blp.arguments(schemas.SavedViewSchema.form())
@blp.response(201, schemas.SavedViewSchema, location="get_saved_view")
def create_saved_view(body: dict[str, Any]) -> Any:
    """Save a view for oneself."""
    return service.create(session(), actor(), **body)


@blp.route(_ONE, methods=["GET"])
@blp.access("authenticated")
@blp.response(200, schemas.SavedViewSchema)
def get_saved_view(view_id: UUID) -> Any:
    """Show a view."""
    return service.get(session(), actor(), view_id)


@blp.route(_ONE, methods=["PATCH"])
@blp.access("authenticated")
@blp.arguments(schemas.SavedViewSchema.patch(*rules.FIELDS))
@blp.response(200, schemas.SavedViewSchema)
def update_saved_view(body: dict[str, Any], view_id: UUID) -> Any:
    """Change one of one's own views, for all with whom it is shared."""
    return service.update(session(), actor(), view_id, **body)


@blp.route(_ONE, methods=["DELETE"])
@blp.access("authenticated")
@blp.response(204)
def delete_saved_view(view_id: UUID) -> None:
    """Delete one of one's own views, for all with whom it is shared."""
    service.delete_(session(), actor(), view_id)


@blp.route(f"{_ONE}/sharing", methods=["PUT"])
@blp.access("saved-view:share")
@blp.problems(422, "role-or-department")
@blp.arguments(schemas.SharingSchema)
@blp.response(200, schemas.SavedViewSchema)
def share_saved_view(body: dict[str, Any], view_id: UUID) -> Any:
    """Share one of one's own views with a role, or with a department and those below it."""
    return service.share(session(), actor(), view_id, **body)


@blp.route(f"{_ONE}/sharing", methods=["DELETE"])
@blp.access("authenticated")
@blp.response(200, schemas.SavedViewSchema)
def unshare_saved_view(view_id: UUID) -> Any:
    """Keep one of one's own views to oneself again."""
    return service.unshare(session(), actor(), view_id)


@blp.route(f"{_ONE}/default", methods=["PUT"])
@blp.access("authenticated", if_match=False)
@blp.response(200, schemas.SavedViewSchema)
def make_saved_view_default(view_id: UUID) -> Any:
    """Open the view's list with it, for oneself; it replaces the default of before."""
    return service.make_default(session(), actor(), view_id)


@blp.route(f"{_ONE}/default", methods=["DELETE"])
@blp.access("authenticated", if_match=False)
@blp.response(200, schemas.SavedViewSchema)
def remove_saved_view_default(view_id: UUID) -> Any:
    """Open the view's list without it again, for oneself."""
    return service.remove_default(session(), actor(), view_id)
