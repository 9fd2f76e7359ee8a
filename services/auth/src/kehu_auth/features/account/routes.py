"""Signing in and out over HTTP."""

import ipaddress
from typing import Any

from flask import current_app, request

from kehu_auth.features.account import schemas, service
from kehu_auth.features.users.schemas import UserSchema
from kehu_chassis.data.database import Database
from kehu_chassis.web import Blueprint, actor, session

blp = Blueprint("account", __name__, description="Signing in and out, and one's own account.")


def _database() -> Database:
    database: Database = current_app.extensions["kehu.database"]
    return database


def _address() -> str:
    """The caller's address: the last one in X-Forwarded-For, which only the gateway writes."""
    given = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(given))
    except ValueError:
        return request.remote_addr or ""


@blp.route("/login", methods=["POST"])
@blp.access("public")
@blp.arguments(schemas.LoginSchema)
@blp.response(200, schemas.TokensSchema)
def login(body: dict[str, Any]) -> Any:
    """Sign in with name and password."""
    name, password = body["username"], body["password"]
    return service.login(_database(), username=name, password=password, address=_address())


@blp.route("/refresh", methods=["POST"])
@blp.access("public")
@blp.arguments(schemas.RefreshSchema)
@blp.response(200, schemas.TokensSchema)
def refresh(body: dict[str, Any]) -> Any:
    """Get the next access token; a refresh token used twice ends the session."""
    return service.refresh(_database(), **body)


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
@blp.arguments(schemas.PasswordChangeSchema)
@blp.response(200, schemas.TokensSchema)
def change_password(body: dict[str, Any]) -> Any:
    """Change one's password: ends all one's sessions and begins a new one."""
    return service.change_password(_database(), actor(), **body)
