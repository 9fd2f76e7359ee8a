"""Signing in, going on, signing out, and changing one's password.

Checking a password takes time and memory, and a wrong one must be remembered although it is
refused.  So these use cases are not one transaction: they count the attempt, then check the
password while they hold nothing, then do what it opens if the user is still the same.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_auth.features.keys import service as keys
from kehu_auth.features.passwords import service as passwords
from kehu_auth.features.roles import service as roles
from kehu_auth.features.sessions import service as sessions
from kehu_auth.features.throttle import service as throttle
from kehu_auth.features.throttle.service import ACCOUNT, ADDRESS, OLD_PASSWORD
from kehu_auth.features.users import service as users
from kehu_auth.lifetimes import ACCESS_TOKEN
from kehu_chassis import clock, records
from kehu_chassis.actor import Actor
from kehu_chassis.data.database import NIL, Database
from kehu_chassis.data.search import normalise
from kehu_chassis.identity import AUDIENCE, ISSUER
from kehu_chassis.problems import Problem, invalid
from kehu_chassis.records import audit

Answer = dict[str, Any]

_NOBODY = Actor(id=NIL, kind="anonymous", scope=lambda _permission: None)
_EXPIRES_IN = int(ACCESS_TOKEN.total_seconds())


def login(database: Database, *, username: str, password: str, address: str) -> Answer:
    """Sign in.  Unknown, disabled and wrong are one answer, and take the same time."""
    name = normalise(username)
    try:
        user = _begin_login(database, name, address)
        fits = passwords.verify(password, user.password_hash if user else None)
        answer = None
        if user is not None and fits:
            answer = database.run(_as(user.id), lambda s: _sign_in(s, user, name, address))
        if answer is None:
            raise _refused("invalid-credentials")
    except Problem as problem:
        code = problem.code
        database.run(_NOBODY, lambda s: _note_refused_login(s, name, address, code))
        raise
    return answer


def refresh(database: Database, *, refresh_token: str) -> Answer:
    """Use up a refresh token for a new access token and the next refresh token."""
    owner = database.run(_NOBODY, lambda session: sessions.owner_of(session, refresh_token))
    answer = None
    if owner is not None:
        answer = database.run(_as(owner), lambda s: _go_on(s, owner, refresh_token))
    if answer is None:
        raise _refused("invalid-refresh-token")
    return answer


def logout(session: Session, actor: Actor) -> None:
    """End the session of the access token."""
    sessions.end(session, UUID(actor.session_id), "signed-out")
    audit.note(session, action="logout", record_type="user", record_id=actor.id)


def me(session: Session, actor: Actor) -> SimpleNamespace:
    """The caller and what they may do."""
    user = users.by_id(session, actor.id)
    return records.show(user, permissions=roles.permissions_of(session, user.roles))


def change_me(session: Session, actor: Actor, **changes: Any) -> SimpleNamespace:
    """Change how one is reached; the rest of a user is for administrators."""
    users.update_own(session, actor.id, **changes)
    return me(session, actor)


def change_password(
    database: Database, actor: Actor, *, old_password: str, new_password: str
) -> Answer:
    """Change one's own password: ends all one's sessions and begins a new one."""

    user = database.run(actor, lambda session: users.by_id(session, actor.id))
    # The new one first: who has to think of a better one has not guessed the old one.
    if new_password == old_password:
        raise invalid("/new_password", "password-unchanged")
    passwords.check_new(new_password, username=user.username, field="new_password")
    try:
        database.run(actor, lambda session: throttle.begin(session, OLD_PASSWORD, str(actor.id)))
    except Problem as problem:
        code = problem.code
        database.run(actor, lambda session: _note_refused_password(session, actor, code))
        raise
    if not passwords.verify(old_password, user.password_hash):
        database.run(
            actor, lambda session: _note_refused_password(session, actor, "wrong-password")
        )
        raise invalid("/old_password", "wrong-password")
    password_hash = passwords.hash_new(new_password, username=user.username, field="new_password")
    return database.run(actor, lambda session: _set_password(session, user, password_hash))


def _begin_login(database: Database, name: str, address: str) -> Any:
    """Count the attempt, of the address and of the account; the user of that name, if there is one.

    Each count is a transaction of its own: a pause of the account undoes its own count only, and
    the address goes on being counted.
    """
    host = throttle.host_of(address)
    database.run(_NOBODY, lambda session: throttle.begin(session, ADDRESS, host))

    def begin(session: Session) -> Any:
        throttle.begin(session, ACCOUNT, name, throttle.network_of(address))
        return users.by_username(session, name)

    return database.run(_NOBODY, begin)


def _sign_in(session: Session, seen: Any, name: str, address: str) -> Answer | None:
    user = users.hold_shared(session, seen.id)
    if not user.enabled or user.password_hash != seen.password_hash:
        return None
    # Not before: no pause after the tenth attempt would say that it is the password of somebody
    # disabled.
    throttle.undo(session, ADDRESS, throttle.host_of(address))
    throttle.forget(session, ACCOUNT, name, throttle.network_of(address))
    _note_login(session, user.id, address)
    return _answer(session, user, *sessions.begin(session, user.id))


def _go_on(session: Session, owner: UUID, refresh_token: str) -> Answer | None:
    user = users.hold_shared(session, owner)
    following = sessions.go_on(session, refresh_token)
    if following is None or not user.enabled:
        return None
    return _answer(session, user, *following)


def _set_password(session: Session, seen: Any, password_hash: str) -> Answer:
    user = users.hold(session, seen.id)
    if not user.enabled or user.password_hash != seen.password_hash:
        raise Problem(409, "conflict")
    throttle.forget(session, OLD_PASSWORD, str(user.id))
    users.set_password(session, user, password_hash)
    return _answer(session, user, *sessions.begin(session, user.id))


def _answer(session: Session, user: Any, session_id: UUID, refresh_token: str) -> Answer:
    return {
        "access_token": keys.sign(session, _claims(user, session_id)),
        "token_type": "Bearer",
        "expires_in": _EXPIRES_IN,
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
        "iat": now,
        "exp": now + _EXPIRES_IN,
    }
    if user.must_change_password:
        claims["must_change_password"] = True
    return claims


def _note_login(
    session: Session, user_id: UUID | None, address: str, *, refused_as: str | None = None
) -> None:
    # The name that was typed is left out: people type passwords where names belong.
    audit.note(
        session,
        action="login",
        record_type="user",
        record_id=user_id,
        outcome="refused" if refused_as else "done",
        code=refused_as,
        changes=[{"field": "address", "old": None, "new": address}],
    )


def _note_refused_login(session: Session, name: str, address: str, code: str) -> None:
    user = users.by_username(session, name)
    _note_login(session, user.id if user else None, address, refused_as=code)


def _note_refused_password(session: Session, actor: Actor, code: str) -> None:
    audit.note(
        session,
        action="password-change",
        record_type="user",
        record_id=actor.id,
        outcome="refused",
        code=code,
    )


def _as(user_id: UUID) -> Actor:
    return Actor(id=user_id, kind="user", scope=lambda _permission: None)


def _refused(code: str) -> Problem:
    return Problem(401, code, headers={"WWW-Authenticate": 'Bearer realm="kehu"'})
