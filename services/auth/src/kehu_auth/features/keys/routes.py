"""Signing keys over HTTP: public keys for everybody, rotation for administrators."""

from typing import Any

from kehu_auth.features.keys import schemas, service
from kehu_chassis.web import Blueprint, session

blp = Blueprint("keys", __name__, url_prefix="/keys", description="The keys that sign tokens.")
well_known = Blueprint("jwks", __name__, url_prefix="//.well-known", description="Public keys.")
blps = [blp, well_known]


@well_known.route("/jwks.json", methods=["GET"])
@well_known.access("public")
@well_known.response(200, schemas.JwksSchema)
def get_jwks() -> Any:
    """Show the public keys that verify access tokens."""
    return service.public_keys(session())


@blp.route("", methods=["GET"])
@blp.access("key:read")
@blp.response(200, schemas.KeysSchema)
def list_keys() -> Any:
    """List the signing keys that are in use, newest first."""
    return {"items": service.list_(session())}


@blp.route("/rotate", methods=["POST"])
@blp.access("key:rotate")
@blp.arguments(schemas.RotateSchema)
@blp.response(201, schemas.KeySchema)
def rotate_keys(body: dict[str, Any]) -> Any:
    """Make a new signing key; tokens signed by the old one stay valid until they expire."""
    return service.rotate(session(), **body)
