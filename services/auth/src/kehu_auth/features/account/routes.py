"""Signing in and out over HTTP."""

from typing import Any
from uuid import UUID

from kehu_auth import callers
from kehu_auth.features.account import schemas, service
from kehu_auth.features.sessions.service import SESSIONS
from kehu_auth.features.users.schemas import UserSchema
from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, session

blp = Blueprint("account", __name__, description="Signing in and out, and one's own account.")


@blp.route("/login", methods=["POST"])
@blp.access("public")
@blp.problems(401, "invalid-credentials")
@blp.problems(429, "too-many-requests")
@blp.problems(503, "sign-in-busy")
@blp.arguments(schemas.LoginSchema)
@blp.response(200, schemas.TokensSchema)
def login(body: dict[str, Any]) -> Any:
    """Sign in with name and password."""
    body.pop("otp", None)
    return service.login(callers.database(), callers.refusals(), origin=callers.origin(), **body)


@blp.route("/refresh", methods=["POST"])
@blp.access("public")
@blp.problems(401, "invalid-refresh-token")
@blp.problems(429, "too-many-requests")
@blp.arguments(schemas.RefreshSchema)
@blp.response(200, schemas.TokensSchema)
def refresh(body: dict[str, Any]) -> Any:
    """Get the next access token; a used refresh token ends the session after 10 seconds."""
    return service.refresh(callers.database(), origin=callers.origin(), **body)


@blp.route("/logout", methods=["POST"])
@blp.access("authenticated", before_password_change=True)
@blp.response(204)
def logout() -> None:
    """Sign out: end the session of this access token."""
    service.logout(session(), actor())


@blp.route("/me", methods=["GET"])
@blp.access("authenticated", before_password_change=True)
@blp.response(200, schemas.MeSchema)
def get_me() -> Any:
    """Show the caller and what they may do."""
    return service.me(session(), actor())


@blp.route("/me", methods=["PATCH"])
@blp.access("authenticated")
@blp.arguments(UserSchema.patch("email", "phone", "locale", name="Profile"))
@blp.response(200, schemas.MeSchema)
def change_me(body: dict[str, Any]) -> Any:
    """Change one's own e-mail address, telephone number and language."""
    return service.change_me(session(), actor(), **body)


@blp.route("/me/password", methods=["PUT"])
@blp.access("authenticated", before_password_change=True, if_match=False)
@blp.problems(409, "session-of-browser")
@blp.problems(
    422, "password-is-username", "password-too-common", "password-unchanged", "wrong-password"
)
@blp.problems(429, "too-many-requests")
@blp.problems(503, "sign-in-busy")
@blp.arguments(schemas.PasswordChangeSchema)
@blp.response(200, schemas.TokensSchema)
def change_password(body: dict[str, Any]) -> Any:
    """Change one's password: ends all one's sessions and begins a new one."""
    return service.change_password(callers.database(), callers.refusals(), actor(), **body)


@blp.route("/me/sessions", methods=["GET"])
@blp.access("authenticated")
@blp.arguments(SESSIONS.query, location="query")
@blp.response(200, page_schema(schemas.SessionSchema))
def list_my_sessions(args: dict[str, Any]) -> Any:
    """List where one is signed in."""
    return service.list_sessions(session(), actor(), args)


@blp.route("/me/sessions/<uuid:session_id>", methods=["DELETE"])
@blp.access("authenticated", if_match=False)
@blp.response(204)
def end_my_session(session_id: UUID) -> None:
    """Sign out elsewhere: end one of one's own sessions."""
    service.end_session(session(), actor(), session_id)


@blp.route("/me/sessions/end-others", methods=["POST"])
@blp.access("authenticated")
@blp.response(200, schemas.EndedSchema)
def end_my_other_sessions() -> Any:
    """Sign out everywhere else: end all one's sessions but this one."""
    return service.end_other_sessions(session(), actor())
