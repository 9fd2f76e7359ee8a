"""Stages over HTTP."""

from typing import Any

from kehu_chassis.web import Blueprint, session
from kehu_marketing.features.stages import schemas, service

blp = Blueprint("stages", __name__, url_prefix="/stages", description="The sales pipeline.")


@blp.route("", methods=["GET"])
@blp.access("authenticated")
@blp.response(200, schemas.StagesSchema)
def list_stages() -> Any:
    """List the stages of the pipeline, in order."""
    return service.list_(session())
