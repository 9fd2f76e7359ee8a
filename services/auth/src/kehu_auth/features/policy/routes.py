"""The policy over HTTP, inside the installation only."""

from typing import Any

from flask import Response, jsonify, request

from kehu_auth.features.policy import service
from kehu_chassis.web import Blueprint, session

# Not under /api/v1 and not in the contract: the gateway does not forward here.
blp = Blueprint("policy", __name__, url_prefix="//auth")


@blp.route("/policy", methods=["GET"])
@blp.access("internal")
@blp.response(200)
def get_policy() -> Any:
    """Show which role may do what, and which tokens are void."""
    document, etag = service.document(session())
    unchanged = request.headers.get("If-None-Match") == etag
    response = Response(status=304) if unchanged else jsonify(document)
    response.headers["ETag"] = etag
    return response
