"""Signing in, refreshing, signing out, and changing one's password.

Checking a password takes time and memory, and a failed attempt must be counted although the
request is rejected.  So these use cases are several transactions: they count the attempt, check
the password while they hold no lock, and act if the user is unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_auth.features.devices import service as devices
from kehu_auth.features.keys import service as keys
from kehu_auth.features.passwords import service as passwords
from kehu_auth.features.preferences import service as preferences
from kehu_auth.features.roles import service as roles
from kehu_auth.features.sessions import service as sessions
from kehu_auth.features.sessions.service import Origin
from kehu_auth.features.throttle import service as throttle
from kehu_auth.features.throttle.service import OLD_PASSWORD
from kehu_auth.features.users import service as users
from kehu_auth.lifetimes import ACCESS_TOKEN
from kehu_chassis import clock, records
from kehu_chassis.actor import Actor
from kehu_chassis.data.database import NIL, Database
from kehu_chassis.data.listing import Page
from kehu_chassis.data.search import normalise
from kehu_chassis.identity.tokens import AUDIENCE, ISSUER
from kehu_chassis.problems import Problem, invalid
from kehu_chassis.records import audit
from kehu_chassis.records.refusals import RefusalLog

Tokens = dict[str, Any]
# What begins a session for a user who has proven who they are, at an origin.
Begin = Callable[[Session, Any, Origin], Any]

_NOBODY = Actor(id=NIL, kind="anonymous", scope=lambda _permission: None)
# Refusals after counting an attempt; one for lack of a place says nothing about the caller.
_COUNTED = ("invalid-credentials", "too-many-requests")
_SHOWN = ("id", "created_at", "last_used_at", "expires_at", "address", "device")
EXPIRES_IN = int(ACCESS_TOKEN.total_seconds())


def login(
    database: Database,
    refusals: RefusalLog,
    *,
    username: str,
    password: str,
    origin: Origin,
    device_token: str | None = None,
) -> Tokens:
    """Sign in for tokens, and one that makes the device known; see `sign_in`."""
    tokens = sign_in(
        database,
        refusals,
        username=username,
        password=password,
        origin=origin,
        device_token=device_token,
        begin=_begin,
    )
    user_id = tokens["user"].id
    return tokens | {"device_token": devices.issue(user_id, devices.known(device_token, user_id))}


def sign_in(
    database: Database,
    refusals: RefusalLog,
    *,
    username: str,
    password: str,
    origin: Origin,
    begin: Begin,
    device_token: str | None = None,
) -> Any:
    """Sign in; unknown, disabled and wrong password get the same 401 after the same time.

    503 at once while too many others sign in.  Attempts on a known device are counted by
    themselves, so nobody else's can pause them.
    """
    name = normalise(username)
    user = database.run(_NOBODY, lambda session: users.by_username(session, name))
    device = devices.known(device_token, user.id) if user else None
    address = origin.address or ""
    attempt = throttle.Login(name, address, device)
    try:
        # Before anything else: an attempt during a pause takes no place from the others.
        database.run(_NOBODY, attempt.check)
        with passwords.places().hold():
            return _sign_in(database, user, password, attempt, origin, begin)
    except Problem as problem:
        if problem.code in _COUNTED:
            refusals.add(
                _NOBODY,
                action="login",
                record_type="user",
                record_id=user.id if user else None,
                code=problem.code,
                address=address,
            )
        raise


def refresh(database: Database, *, origin: Origin, refresh_token: str) -> Tokens:
    """Use up a refresh token for a new access token and the next refresh token."""
    owner = database.run(_NOBODY, lambda session: sessions.owner_of(session, refresh_token))
    tokens = None
    if owner is not None:
        tokens = database.run(as_user(owner), lambda s: _refresh(s, owner, refresh_token, origin))
    if tokens is None:
        raise refused("invalid-refresh-token")
    return tokens


def logout(session: Session, actor: Actor) -> None:
    """End the session of the access token."""
    sessions.end(session, UUID(actor.session_id), "signed-out")
    audit.note(session, action="logout", record_type="user", record_id=actor.id)


def me(session: Session, actor: Actor) -> SimpleNamespace:
    """The caller, what they may do, and how they like to see the application."""
    return me_as(session, users.by_id(session, actor.id))


def me_as(session: Session, user: Any) -> SimpleNamespace:
    """The same of a user who is no caller yet."""
    return records.show(
        user,
        permissions=roles.permissions_of(session, user.roles),
        preferences=preferences.of(session, user.id),
    )


def change_me(session: Session, actor: Actor, **changes: Any) -> SimpleNamespace:
    """Change one's own contact data and language; the rest is for administrators."""
    users.update_own(session, actor.id, **changes)
    return me(session, actor)


def list_sessions(session: Session, actor: Actor, args: dict[str, Any]) -> Page:
    """One page of the caller's sessions, the present one marked."""
    return sessions.list_own(session, actor.id, args).map(
        lambda login: SimpleNamespace(
            **{name: getattr(login, name) for name in _SHOWN},
            current=str(login.id) == actor.session_id,
        )
    )


def end_session(session: Session, actor: Actor, session_id: UUID) -> None:
    """End one of the caller's sessions, also the present one."""
    sessions.end_own(session, actor.id, session_id, "signed-out")


def end_other_sessions(session: Session, actor: Actor) -> dict[str, int]:
    """End all of the caller's sessions but the present one; returns how many."""
    users.hold(session, actor.id)
    present = UUID(actor.session_id)
    return {"ended": sessions.end_others(session, actor.id, present, "signed-out")}


def change_password(
    database: Database,
    refusals: RefusalLog,
    actor: Actor,
    *,
    old_password: str,
    new_password: str,
) -> Tokens:
    """Change one's own password: ends all one's sessions and begins a new one, with tokens."""
    if database.run(actor, lambda s: sessions.is_of_browser(s, UUID(actor.session_id))):
        # A browser's scripts get no tokens.
        raise Problem(409, "session-of-browser")
    return replace_password(
        database,
        refusals,
        actor,
        old_password=old_password,
        new_password=new_password,
        begin=_begin,
    )


def replace_password(
    database: Database,
    refusals: RefusalLog,
    actor: Actor,
    *,
    old_password: str,
    new_password: str,
    begin: Begin,
) -> Any:
    """Change a password, which ends all sessions, and begin a new one."""
    with passwords.places().hold():
        user = database.run(actor, lambda session: users.by_id(session, actor.id))
        names = users.names_of(user)
        # The new one first: a bad new password is no guess at the old one.
        if passwords.same(new_password, old_password):
            raise invalid("/new_password", "password-unchanged")
        passwords.check_new(new_password, names=names, field="new_password")
        try:
            database.run(actor, lambda s: throttle.begin(s, OLD_PASSWORD, str(actor.id)))
        except Problem as problem:
            _note_refused_password(refusals, actor, problem.code)
            raise
        if not passwords.verify(old_password, user.password_hash):
            _note_refused_password(refusals, actor, "wrong-password")
            raise invalid("/old_password", "wrong-password")
        password_hash = passwords.hash_new(new_password, names=names, field="new_password")
        return database.run(actor, lambda s: _set_password(s, actor, user, password_hash, begin))


def access_token(session: Session, user: Any, session_id: UUID) -> str:
    """A token for a session of a user, valid for `EXPIRES_IN` seconds."""
    return keys.sign(session, _claims(user, session_id))


def _sign_in(
    database: Database,
    user: Any,
    password: str,
    attempt: throttle.Login,
    origin: Origin,
    begin: Begin,
) -> Any:
    attempt.begin(database)
    fits = passwords.verify(password, user.password_hash if user else None)
    begun = None
    if user is not None and fits:
        begun = database.run(
            as_user(user.id), lambda session: _proven(session, user, attempt, origin, begin)
        )
    if begun is None:
        raise refused("invalid-credentials")
    return begun


def _proven(
    session: Session, seen: Any, attempt: throttle.Login, origin: Origin, begin: Begin
) -> Any:
    user = users.hold_shared(session, seen.id)
    if not user.enabled or user.password_hash != seen.password_hash:
        return None
    # Only now: without a pause after ten attempts, a disabled user's password would be recognised.
    attempt.succeeded(session)
    _note_login(session, user.id, attempt.address)
    return begin(session, user, origin)


def _refresh(session: Session, owner: UUID, refresh_token: str, origin: Origin) -> Tokens | None:
    user = users.hold_shared(session, owner)
    following = sessions.refresh(session, refresh_token, origin)
    if following is None or not user.enabled:
        return None
    return _tokens(session, user, *following)


def _set_password(
    session: Session, actor: Actor, seen: Any, password_hash: str, begin: Begin
) -> Any:
    user = users.hold(session, seen.id)
    if not user.enabled or user.password_hash != seen.password_hash:
        raise Problem(409, "conflict")
    throttle.forget(session, OLD_PASSWORD, str(user.id))
    users.set_password(session, user, password_hash)
    # The gateway proves no address to operations of known callers: it is where they signed in.
    return begin(session, user, sessions.origin_of(session, UUID(actor.session_id)))


def _begin(session: Session, user: Any, origin: Origin) -> Tokens:
    return _tokens(session, user, *sessions.begin(session, user.id, origin))


def _tokens(session: Session, user: Any, session_id: UUID, refresh_token: str) -> Tokens:
    return {
        "access_token": access_token(session, user, session_id),
        "token_type": "Bearer",
        "expires_in": EXPIRES_IN,
        "refresh_token": refresh_token,
        "user": user,
    }


def _claims(user: Any, session_id: UUID) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user.id),
        "kind": "user",
        "roles": user.roles,
        "department_id": str(user.department_id) if user.department_id else None,
        "sid": str(session_id),
        "epoch": user.epoch,
        "locale": user.locale,
        "iat": now,
        "exp": now + EXPIRES_IN,
    }
    if user.must_change_password:
        claims["must_change_password"] = True
    return claims


def _note_login(session: Session, user_id: UUID, address: str) -> None:
    audit.note(
        session,
        action="login",
        record_type="user",
        record_id=user_id,
        changes=[{"field": "address", "old": None, "new": address}],
    )


def _note_refused_password(refusals: RefusalLog, actor: Actor, code: str) -> None:
    refusals.add(actor, action="password-change", record_type="user", record_id=actor.id, code=code)


def as_user(user_id: UUID, session_id: str = "") -> Actor:
    """The actor of what a user does before having a token."""
    return Actor(id=user_id, kind="user", session_id=session_id, scope=lambda _permission: None)


def refused(code: str) -> Problem:
    """Who is signing in could not prove who they are."""
    return Problem(401, code, headers={"WWW-Authenticate": 'Bearer realm="kehu"'})
