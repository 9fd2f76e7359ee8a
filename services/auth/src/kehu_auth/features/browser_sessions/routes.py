"""Sessions of browsers over HTTP, for the gateway only."""

from typing import Any

from kehu_auth import callers
from kehu_auth.features.account.schemas import PasswordChangeSchema
from kehu_auth.features.browser_sessions import schemas, service
from kehu_chassis.web import Blueprint

# Not under /api/v1 and not in the contract: the gateway does not forward here.
blp = Blueprint("browser-sessions", __name__, url_prefix="//auth/browser-sessions")


@blp.route("", methods=["POST"])
@blp.access("internal")
@blp.problems(401, "invalid-credentials")
@blp.problems(429, "too-many-requests")
@blp.problems(503, "sign-in-busy")
@blp.arguments(schemas.BeginSchema)
@blp.response(200, schemas.BegunSchema)
def begin_browser_session(body: dict[str, Any]) -> Any:
    """Sign in with name and password."""
    callers.require_gateway()
    body.pop("otp", None)
    return service.begin(callers.database(), callers.refusals(), origin=callers.origin(), **body)


@blp.route("/exchange", methods=["POST"])
@blp.access("internal")
@blp.problems(401, "session-ended")
@blp.response(200, schemas.ExchangedSchema)
def exchange_browser_session() -> Any:
    """Get an access token for a secret."""
    callers.require_gateway()
    return service.exchange(callers.database(), origin=callers.origin(), secret=callers.secret())


@blp.route("/end", methods=["POST"])
@blp.access("internal")
@blp.response(204)
def end_browser_session() -> None:
    """Sign out."""
    callers.require_gateway()
    service.end(callers.database(), secret=callers.secret())


@blp.route("/password", methods=["POST"])
@blp.access("internal")
@blp.problems(401, "session-ended")
@blp.problems(
    422, "password-is-username", "password-too-common", "password-unchanged", "wrong-password"
)
@blp.problems(429, "too-many-requests")
@blp.problems(503, "sign-in-busy")
@blp.arguments(PasswordChangeSchema)
@blp.response(200, schemas.BegunSchema)
def change_password_in_browser(body: dict[str, Any]) -> Any:
    """Change the password, and begin a new session."""
    callers.require_gateway()
    return service.change_password(
        callers.database(), callers.refusals(), secret=callers.secret(), **body
    )
