"""System settings over HTTP."""

from typing import Any

from kehu_auth.features.settings import schemas, service
from kehu_chassis.web import Blueprint, session

blp = Blueprint("settings", __name__, url_prefix="/settings", description="System settings.")


@blp.route("", methods=["GET"])
@blp.access("setting:read")
@blp.response(200, schemas.SettingsSchema)
def list_settings() -> Any:
    """List all settings with their values."""
    return service.list_(session())


@blp.route("/<string(maxlength=64):key>", methods=["GET"])
@blp.access("setting:read")
@blp.response(200, schemas.SettingSchema)
def get_setting(key: str) -> Any:
    """Show a setting."""
    return service.get(session(), key)


@blp.route("/<string(maxlength=64):key>", methods=["PUT"])
@blp.access("setting:update")
@blp.problems(422, "bad-code")
@blp.arguments(schemas.SettingValueSchema)
@blp.response(200, schemas.SettingSchema)
def change_setting(body: dict[str, Any], key: str) -> Any:
    """Change a setting; the services receive it a moment later."""
    return service.change(session(), key, **body)
