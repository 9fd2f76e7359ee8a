"""Preferences over HTTP."""

from typing import Any

from kehu_auth.features.preferences import schemas, service
from kehu_chassis.web import Blueprint, actor, session

blp = Blueprint("preferences", __name__, description="How a person likes to see the application.")


@blp.route("/me/preferences", methods=["GET"])
@blp.access("authenticated")
@blp.response(200, schemas.PreferencesSchema)
def get_my_preferences() -> Any:
    """Show one's own preferences."""
    return service.get(session(), actor())


@blp.route("/me/preferences", methods=["PATCH"])
@blp.access("authenticated")
@blp.arguments(schemas.PreferencesSchema.patch())
@blp.response(200, schemas.PreferencesSchema)
def change_my_preferences(body: dict[str, Any]) -> Any:
    """Change some of one's own preferences."""
    return service.change(session(), actor(), **body)
