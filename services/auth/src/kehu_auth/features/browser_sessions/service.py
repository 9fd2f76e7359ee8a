"""Beginning, continuing and ending the session of a browser.

The secret is not replaced while the session lasts: two tabs, or two gateways, may present it at
once, and neither would know the next one.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_auth.features.account import service as account
from kehu_auth.features.account.service import as_user
from kehu_auth.features.sessions import service as sessions
from kehu_auth.features.sessions.service import Origin
from kehu_auth.features.users import service as users
from kehu_chassis.actor import Actor
from kehu_chassis.data.database import NIL, Database
from kehu_chassis.identity.tokens import refused
from kehu_chassis.records.refusals import RefusalLog

_NOBODY = Actor(id=NIL, kind="anonymous", scope=lambda _permission: None)

Begun = dict[str, Any]


def begin(
    database: Database, refusals: RefusalLog, *, origin: Origin, username: str, password: str
) -> Begun:
    """Sign in as for tokens; the response is a secret."""
    return account.sign_in(
        database, refusals, username=username, password=password, origin=origin, begin=_begin
    )


def exchange(database: Database, *, origin: Origin, secret: str) -> dict[str, Any]:
    """An access token for a secret; 401 if its session is over."""
    actor = _required(database, secret)
    token = database.run(actor, lambda session: _exchange(session, actor, origin))
    if token is None:
        raise refused("session-ended")
    return {"access_token": token, "expires_in": account.EXPIRES_IN}


def end(database: Database, *, secret: str) -> None:
    """Sign out.  Repeating it changes nothing."""
    actor = _owner(database, secret)
    if actor is not None:
        database.run(actor, lambda session: account.logout(session, actor))


def change_password(
    database: Database, refusals: RefusalLog, *, secret: str, **passwords: str
) -> Begun:
    """Change the password, which ends all sessions, and begin a new one."""
    actor = _required(database, secret)
    return account.replace_password(database, refusals, actor, begin=_begin, **passwords)


def _begin(session: Session, user: Any, origin: Origin) -> Begun:
    secret = sessions.begin_in_browser(session, user.id, origin)
    return {"secret": secret, "me": account.me_as(session, user)}


def _exchange(session: Session, actor: Actor, origin: Origin) -> str | None:
    user = users.hold_shared(session, actor.id)
    session_id = UUID(actor.session_id)
    if not user.enabled or not sessions.use(session, session_id, origin.address):
        return None
    return account.access_token(session, user, session_id)


def _required(database: Database, secret: str) -> Actor:
    actor = _owner(database, secret)
    if actor is None:
        raise refused("session-ended")
    return actor


def _owner(database: Database, secret: str) -> Actor | None:
    """Whose secret it is; None if its session is over."""
    login = database.run(_NOBODY, lambda session: sessions.by_secret(session, secret))
    return as_user(login.user_id, str(login.id)) if login else None
