"""The configuration of clients over HTTP."""

from typing import Any

from flask import current_app

from kehu_auth.features.configuration import schemas, service
from kehu_chassis.web import Blueprint

blp = Blueprint("configuration", __name__, description="What clients need to know.")


@blp.route("/client-configuration", methods=["GET"])
@blp.access("public")
@blp.response(200, schemas.ClientConfigurationSchema)
def get_client_configuration() -> Any:
    """Show what every client needs to know, also before anybody has signed in."""
    return service.configuration(current_app.config["MAX_CONTENT_LENGTH"])
