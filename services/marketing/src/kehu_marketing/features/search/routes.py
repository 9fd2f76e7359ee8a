"""The search box over HTTP."""

from typing import Any

from kehu_chassis.data.hits import HitsQuery
from kehu_chassis.web import Blueprint, actor, session
from kehu_marketing.features.search import schemas, service

blp = Blueprint(
    "search", __name__, url_prefix="/search", description="One search box over opportunities."
)


@blp.route("", methods=["GET"])
@blp.access("opportunity:read")
@blp.arguments(HitsQuery, location="query")
@blp.response(200, schemas.HitsSchema)
def search_opportunities(args: dict[str, Any]) -> Any:
    """Find opportunities by names, numbers and phones; a few, the best first."""
    return service.search(session(), actor(), args["q"])
