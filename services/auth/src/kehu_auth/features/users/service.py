"""Users: creating, changing, disabling them, and making their tokens void."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from kehu_auth.features.departments import service as departments
from kehu_auth.features.passwords import service as passwords
from kehu_auth.features.roles import service as roles
from kehu_auth.features.sessions import service as sessions
from kehu_auth.features.users import events, rules
from kehu_auth.features.users.models import User
from kehu_auth.lifetimes import AFTER_ACCESS_TOKEN
from kehu_chassis import clock
from kehu_chassis.data.database import advisory_lock
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.events import Event
from kehu_chassis.messaging.versions import owned
from kehu_chassis.problems import Problem, not_found, wrong_state
from kehu_chassis.records import audit, precondition

_ADMINISTRATORS = "administrators"


def list_(session: Session, listing: Listing, args: dict[str, Any]) -> Page:
    """One page of users."""
    return listing.page(session, _with_role(select(User), args), args)


def list_people(session: Session, listing: Listing, args: dict[str, Any]) -> Page:
    """One page of the people one may pick: enabled users, with the names of their departments."""
    page = listing.page(session, _with_role(select(User).where(User.enabled), args), args)
    ids = {user.department_id for user in page.items if user.department_id}
    names = departments.names(session, ids)
    return page.map(
        lambda user: {
            "id": user.id,
            "display_name": user.display_name,
            "roles": user.roles,
            "department_id": user.department_id,
            "department": names.get(user.department_id),
        }
    )


def get(session: Session, user_id: UUID) -> User:
    """One user."""
    user = session.get(User, user_id)
    if user is None:
        raise not_found()
    return user


def locked(session: Session, user_id: UUID, *, shared: bool = False) -> User:
    """One user as it is now and stays until the end of the transaction."""
    user = session.get(
        User,
        user_id,
        with_for_update={"read": shared},
        execution_options={"populate_existing": True},
    )
    if user is None:
        raise not_found()
    return user


def by_username(session: Session, username: str) -> User | None:
    """The user of that name, also a disabled one."""
    return session.scalars(select(User).where(User.username == username)).first()


def is_empty(session: Session) -> bool:
    """Whether nobody was ever created."""
    return session.scalar(select(User.id).limit(1)) is None


def names(session: Session, user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Display names by id."""
    wanted = select(User.id, User.display_name).where(User.id.in_(set(user_ids)))
    return {row.id: row.display_name for row in session.execute(wanted)}


def create(session: Session, *, username: str, password: str | None, **form: Any) -> User:
    """Create a user who may sign in at once, or without a password once they are given one."""
    name = rules.username(username)
    # Hashing comes first, while the transaction holds nothing.
    password_hash = passwords.hash_new(password, username=name) if password is not None else None
    _check_references(session, form)
    if by_username(session, name) is not None:
        raise Problem(409, "username-taken", params={"username": name})
    user = User(username=name, password_hash=password_hash, enabled=True, epoch=1)
    session.add(user)
    _fill(user, form)
    return _publish(session, user)


def update(session: Session, user_id: UUID, **changes: Any) -> User:
    """Change a user.  New roles or another department void the access tokens, not the sessions:
    the next refresh gives a token that says what is now true."""
    advisory_lock(session, _ADMINISTRATORS)
    user = locked(session, user_id)
    precondition.check(user)
    _check_references(session, changes)
    before = [getattr(user, name) for name in rules.IN_TOKEN]
    _fill(user, changes)
    if [getattr(user, name) for name in rules.IN_TOKEN] != before:
        _void_tokens(user)
    _keep_an_administrator(session)
    return _publish(session, user)


def disable(session: Session, user_id: UUID) -> User:
    """Disable a user and end all their sessions."""
    advisory_lock(session, _ADMINISTRATORS)
    user = locked(session, user_id)
    precondition.check(user)
    if not user.enabled:
        raise wrong_state("user", "disabled")
    user.enabled = False
    _keep_an_administrator(session)
    _end_sessions(session, user, "disabled")
    return _publish(session, user)


def enable(session: Session, user_id: UUID) -> User:
    """Let a disabled user sign in again."""
    user = locked(session, user_id)
    precondition.check(user)
    if user.enabled:
        raise wrong_state("user", "enabled")
    user.enabled = True
    return _publish(session, user)


def reset_password(
    session: Session, user_id: UUID, *, password: str, must_change_password: bool
) -> User:
    """Give a user another password and end all their sessions."""
    username = get(session, user_id).username
    password_hash = passwords.hash_new(password, username=username)
    user = locked(session, user_id)
    precondition.check(user)
    set_password(session, user, password_hash, must_change_password=must_change_password)
    return user


def set_password(
    session: Session, user: User, password_hash: str, *, must_change_password: bool = False
) -> None:
    """Keep a new password of a locked user and end all their sessions."""
    user.password_hash = password_hash
    user.must_change_password = must_change_password
    _end_sessions(session, user, "password-changed")
    _publish(session, user)


def sign_out(session: Session, user_id: UUID) -> None:
    """End all sessions of a user."""
    user = locked(session, user_id)
    precondition.check(user)
    _end_sessions(session, user, "signed-out-everywhere")
    audit.act(session, user, "signed-out")
    _publish(session, user)


def void(session: Session) -> dict[str, int]:
    """The users of whom void access tokens may still be about: the epoch that is valid now."""
    since = clock.now() - AFTER_ACCESS_TOKEN
    rows = session.execute(select(User.id, User.epoch).where(User.voided_at > since))
    return {str(row.id): row.epoch for row in rows}


def snapshots(session: Session) -> Iterator[Event]:
    """The present state of every user."""
    for user in session.scalars(select(User).order_by(User.id)):
        yield events.changed(user)


def _with_role(statement: Select[Any], args: dict[str, Any]) -> Select[Any]:
    return statement.where(User.roles.overlap(args["role"])) if "role" in args else statement


def _check_references(session: Session, form: dict[str, Any]) -> None:
    if "roles" in form:
        roles.require(session, form["roles"], field="roles")
    if form.get("department_id") is not None:
        departments.require(session, form["department_id"], field="department_id")


def _fill(user: User, form: dict[str, Any]) -> None:
    for name, value in form.items():
        setattr(user, name, rules.sorted_once(value) if isinstance(value, list) else value)
    user.set_search(user.display_name, user.username)


def _keep_an_administrator(session: Session) -> None:
    """Refuse to lose the last one.  The caller holds the lock under which administrators go."""
    session.flush()
    left = select(User.id).where(
        User.enabled,
        User.roles.contains([roles.ADMINISTRATOR]),
        User.password_hash.is_not(None),
    )
    if session.scalar(left.limit(1)) is None:
        raise Problem(409, "last-administrator")


def _void_tokens(user: User) -> None:
    user.epoch += 1
    user.voided_at = clock.now()


def _end_sessions(session: Session, user: User, reason: str) -> None:
    _void_tokens(user)
    sessions.end_all(session, user.id, reason)


def _publish(session: Session, user: User) -> User:
    session.flush()
    outbox.add(session, events.changed(user))
    return user


VERSIONS = [owned("auth.user-changed.v1", select(User.id, User.version))]
