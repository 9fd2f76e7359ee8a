"""Beginning, continuing and ending sessions.

A refresh token is valid for one use, which issues the next one.  When a used one is presented
again, two parties hold it and the thief is unknown: the whole session ends.

For a few seconds the token used last also gives another successor, as two tabs may refresh at once
and a response may be lost.  The successors of one token are equal until one is used: then all of
them are used, so two parties that both continue are found out.

A session begun in a browser has a secret in a cookie instead, which stays the same until it ends.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from kehu_auth.features.sessions import rules
from kehu_auth.features.sessions.models import LoginSession, RefreshToken
from kehu_auth.features.sessions.rules import Origin
from kehu_auth.lifetimes import (
    AFTER_ACCESS_TOKEN,
    BROWSER_SESSION_IDLE,
    SESSION,
    SESSION_IDLE,
)
from kehu_chassis import clock
from kehu_chassis.data.database import delete_some
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.problems import not_found
from kehu_chassis.records import audit

__all__ = [
    "LoginSession", "Origin", "SESSIONS", "begin", "begin_in_browser", "by_secret", "end",
    "end_all", "end_others", "end_own", "is_of_browser", "list_own", "origin_of", "owner_of",
    "purge", "refresh", "use", "void",
]  # fmt: skip

SESSIONS = Listing(LoginSession, sorts=("last_used_at",), default_sort="-last_used_at")

REUSES = Counter("auth_refresh_reuse_total", "Refresh tokens that were used a second time.")


def begin(session: Session, user_id: UUID, origin: Origin) -> tuple[UUID, str]:
    """Begin a session; returns its id and its first refresh token."""
    login = _begin(session, user_id, origin)
    return login.id, _next_token(session, login.id, login.created_at)


def begin_in_browser(session: Session, user_id: UUID, origin: Origin) -> str:
    """Begin a session of a browser; returns the secret for its cookie."""
    secret = _new_secret()
    _begin(session, user_id, origin, secret_hash=_hash(secret))
    return secret


def by_secret(session: Session, secret: str) -> LoginSession | None:
    """The session of a browser's secret; None if it is over."""
    statement = select(LoginSession).where(LoginSession.secret_hash == _hash(secret))
    login = session.scalar(statement)
    return None if login is None or rules.is_over(login, clock.now()) else login


def is_of_browser(session: Session, session_id: UUID) -> bool:
    """Whether a session was begun in a browser."""
    return session.get_one(LoginSession, session_id).secret_hash is not None


def use(session: Session, session_id: UUID, address: str | None) -> bool:
    """Note that a browser's session is used now, from an address; False if it is over."""
    fresh = {"populate_existing": True}
    login = session.get(LoginSession, session_id, with_for_update=True, execution_options=fresh)
    now = clock.now()
    if login is None or rules.is_over(login, now):
        return False
    login.last_used_at, login.address = now, address
    return True


def origin_of(session: Session, session_id: UUID) -> Origin:
    """Where a session was used last."""
    login = session.get_one(LoginSession, session_id)
    return Origin(login.address, login.device)


def owner_of(session: Session, token: str) -> UUID | None:
    """Whose session a refresh token, used or not, belongs to."""
    return session.scalar(
        select(LoginSession.user_id)
        .join(RefreshToken, RefreshToken.session_id == LoginSession.id)
        .where(RefreshToken.token_hash == _hash(token))
    )


def refresh(session: Session, token: str, origin: Origin) -> tuple[UUID, str] | None:
    """Use up a refresh token; returns the session's id and the next token, or None if refused.

    The session's row is locked first, so that of two uses of one token the second sees the first.
    """
    known = session.scalar(
        select(RefreshToken.session_id).where(RefreshToken.token_hash == _hash(token))
    )
    if known is None:
        return None
    fresh = {"populate_existing": True}
    login = session.get(LoginSession, known, with_for_update=True, execution_options=fresh)
    if login is None:  # deleted meanwhile, as it had long been over
        return None
    presented = session.get_one(RefreshToken, _hash(token), execution_options=fresh)
    now = clock.now()
    if rules.is_over(login, now):
        return None
    if presented.used_at is None:
        login.last_used_at = now
        login.address, login.device = origin.address, origin.device
        _use_up(session, login.id, now)
    elif not rules.in_grace(presented.used_at, _last_use(session, login.id), now):
        _end_after_reuse(session, login, now)
        return None
    return login.id, _next_token(session, login.id, now)


def list_own(session: Session, user_id: UUID, args: dict[str, Any]) -> Page:
    """One page of the sessions of a user that are not over."""
    return SESSIONS.page(session, select(LoginSession).where(_live(user_id)), args)


def end_own(session: Session, user_id: UUID, session_id: UUID, reason: str) -> None:
    """End one of a user's sessions; 404 if they have none of that id.  Repeating it changes
    nothing."""
    login = session.get(LoginSession, session_id, with_for_update=True)
    if login is None or login.user_id != user_id:
        raise not_found()
    if login.ended_at is None:
        _end(login, reason, clock.now())
        _note_end(session, login.id, reason)


def end_others(session: Session, user_id: UUID, kept: UUID, reason: str) -> int:
    """End all sessions of a user but one; returns how many.  The caller holds a lock on the user,
    so that none of them continues meanwhile."""
    others = update(LoginSession).where(_live(user_id), LoginSession.id != kept)
    ended = session.scalars(
        others.values(ended_at=clock.now(), end_reason=reason).returning(LoginSession.id)
    ).all()
    for ident in ended:
        _note_end(session, ident, reason)
    return len(ended)


def end(session: Session, session_id: UUID, reason: str) -> None:
    """End a session that has not ended yet."""
    login = session.get(LoginSession, session_id, with_for_update=True)
    if login is not None and login.ended_at is None:
        _end(login, reason, clock.now())


def end_all(session: Session, user_id: UUID, reason: str) -> None:
    """End all sessions of a user.  The caller holds a lock on the user."""
    session.execute(
        update(LoginSession)
        .where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
        .values(ended_at=clock.now(), end_reason=reason)
    )


def void(session: Session) -> list[str]:
    """The ended sessions whose access tokens may not have expired yet."""
    since = clock.now() - AFTER_ACCESS_TOKEN
    ended = select(LoginSession.id).where(LoginSession.ended_at > since)
    return sorted(map(str, session.scalars(ended)))


def purge(session: Session) -> int:
    """Delete some sessions that are over, with their tokens; returns how many."""
    now = clock.now()
    over = or_(
        LoginSession.ended_at < now - SESSION_IDLE,
        LoginSession.expires_at < now,
        LoginSession.last_used_at < now - 2 * SESSION_IDLE,
    )
    return delete_some(session, LoginSession, over)


def _live(user_id: UUID) -> ColumnElement[bool]:
    """SQL: a session of the user that is not over, as `rules.is_over`."""
    now = clock.now()
    return (
        (LoginSession.user_id == user_id)
        & LoginSession.ended_at.is_(None)
        & (LoginSession.expires_at > now)
        & (LoginSession.last_used_at > now - SESSION_IDLE)
        & or_(
            LoginSession.secret_hash.is_(None),
            LoginSession.last_used_at > now - BROWSER_SESSION_IDLE,
        )
    )


def _begin(session: Session, user_id: UUID, origin: Origin, **more: Any) -> LoginSession:
    now = clock.now()
    login = LoginSession(
        user_id=user_id, created_at=now, last_used_at=now, expires_at=now + SESSION, **more
    )
    login.address, login.device = origin.address, origin.device
    session.add(login)
    session.flush()
    return login


def _note_end(session: Session, session_id: UUID, reason: str) -> None:
    changes = [{"field": "end_reason", "old": None, "new": reason}]
    audit.note(
        session, action="ended", record_type="login_session", record_id=session_id, changes=changes
    )


def _end(login: LoginSession, reason: str, now: datetime) -> None:
    login.ended_at, login.end_reason = now, reason


def _end_after_reuse(session: Session, login: LoginSession, now: datetime) -> None:
    REUSES.inc()
    _end(login, "refresh-token-reused", now)
    audit.note(
        session,
        action="ended",
        record_type="login_session",
        record_id=login.id,
        outcome="refused",
        code="refresh-token-reused",
    )


def _use_up(session: Session, session_id: UUID, now: datetime) -> None:
    """Use all tokens that are valid: the one presented, and those issued in its stead."""
    unused = update(RefreshToken).where(
        RefreshToken.session_id == session_id, RefreshToken.used_at.is_(None)
    )
    session.execute(unused.values(used_at=now))


def _last_use(session: Session, session_id: UUID) -> datetime | None:
    uses = select(func.max(RefreshToken.used_at)).where(RefreshToken.session_id == session_id)
    return session.scalar(uses)


def _next_token(session: Session, session_id: UUID, now: datetime) -> str:
    token = _new_secret()
    session.add(RefreshToken(token_hash=_hash(token), session_id=session_id, created_at=now))
    return token


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _hash(token: str) -> str:
    # No salt and no slow hash: it is 256 random bits, there is nothing to guess.
    return hashlib.sha256(token.encode()).hexdigest()
