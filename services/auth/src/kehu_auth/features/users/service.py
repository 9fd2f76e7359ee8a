"""Users: creating, changing, disabling them, and making their tokens void."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import Session

from kehu_auth.features.departments import service as departments
from kehu_auth.features.passwords import service as passwords
from kehu_auth.features.roles import service as roles
from kehu_auth.features.sessions import service as sessions
from kehu_auth.features.users import operations, rules
from kehu_auth.features.users.models import User, administrators
from kehu_auth.lifetimes import AFTER_ACCESS_TOKEN
from kehu_chassis import clock, problems, records
from kehu_chassis.actor import Actor
from kehu_chassis.data import validate
from kehu_chassis.data.database import advisory_lock
from kehu_chassis.data.fields import CommaList, Text
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.problems import Problem, not_found
from kehu_chassis.records import audit, precondition

USERS = Listing(
    User,
    filters=("username", "department_id", "enabled"),
    ranges=("created_at",),
    sorts=("username", "display_name", "created_at"),
    default_sort="username",
    extra={"role": CommaList(Text(max_length=40), validate=validate.Length(1, 50))},
)


def _shown_text() -> ColumnElement[str]:
    """The lines of the display name.  Searching the login name, too, would reveal it; in the text
    it follows the display name."""
    text, login = User.search_text, literal("\n").concat(User.username)
    after = func.strpos(func.reverse(text), func.reverse(login)) + func.length(login) - 1
    return func.left(text, func.length(text) - after)


PEOPLE = Listing(
    User,
    filters=("department_id",),
    sorts=("display_name",),
    default_sort="display_name",
    text=_shown_text(),
    extra={"role": CommaList(Text(max_length=40), validate=validate.Length(1, 50))},
)

LOCALES = rules.LOCALES
_ADMINISTRATORS = "administrators"


def list_(session: Session, actor: Actor, args: dict[str, Any]) -> Page:
    """One page of users."""
    return records.page(session, actor, USERS, args, *_with_role(args))


def list_people(session: Session, args: dict[str, Any]) -> Page:
    """One page of the people whom everybody may pick: enabled users, with the names of their
    departments.

    Disabled ones are shown only to whoever knows their ids, and without roles: they have none now.
    """
    conditions = _with_role(args)
    if "id" not in args or "role" in args:
        conditions.append(User.enabled.is_(True))
    statement = select(User).where(*conditions)
    page = PEOPLE.page(session, statement, args)
    ids = {user.department_id for user in page.items if user.department_id}
    names = departments.names(session, ids)
    return page.map(
        lambda user: {
            "id": user.id,
            "display_name": user.display_name,
            "roles": user.roles if user.enabled else [],
            "department_id": user.department_id,
            "department": names.get(user.department_id),
            "enabled": user.enabled,
        }
    )


def get(session: Session, actor: Actor, user_id: UUID) -> User:
    """One user."""
    return records.get(session, actor, User, user_id)


def by_id(session: Session, user_id: UUID) -> User:
    """One user, for use cases on one's own account."""
    return _known(session.get(User, user_id))


def hold(session: Session, user_id: UUID) -> User:
    """The same, locked for a change until the end of the transaction."""
    return _known(records.for_update(session, User, user_id))


def hold_shared(session: Session, user_id: UUID) -> User:
    """The same as it is now, locked against changes until the end of the transaction."""
    return _known(
        session.get(
            User,
            user_id,
            with_for_update={"read": True},
            execution_options={"populate_existing": True},
        )
    )


def by_username(session: Session, username: str) -> User | None:
    """The user of that name, also a disabled one."""
    return session.scalars(select(User).where(User.username == username)).first()


def is_empty(session: Session) -> bool:
    """Whether there are no users yet."""
    return session.scalar(select(User.id).limit(1)) is None


def names_of(user: User) -> tuple[str | None, ...]:
    """What a password of the user may not consist of."""
    return user.username, user.display_name, user.email, user.phone


def names(session: Session, user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Display names by id."""
    wanted = select(User.id, User.display_name).where(User.id.in_(set(user_ids)))
    return {row.id: row.display_name for row in session.execute(wanted)}


def is_enabled(user_id: Any) -> ColumnElement[bool]:
    """SQL: the user of that column may sign in."""
    return select(User.id).where(User.id == user_id, User.enabled).exists()


def create(session: Session, *, username: str, password: str | None, **form: Any) -> User:
    """Create a user, who can sign in once there is a password."""
    name = rules.username(username)
    # Hashing comes first, while the transaction holds nothing.
    names = (name, form["display_name"], form.get("email"), form.get("phone"))
    password_hash = passwords.hash_new(password, names=names) if password is not None else None
    _check_references(session, form)
    if by_username(session, name) is not None:
        raise Problem(409, "username-taken", params={"username": name})
    user = User(username=name, password_hash=password_hash, enabled=True, epoch=1)
    session.add(user)
    _fill(user, form)
    return user


def update(session: Session, actor: Actor, user_id: UUID, **changes: Any) -> User:
    """Change a user.  New roles or another department void the access tokens, not the sessions:
    the next refresh issues a token with the new ones."""
    advisory_lock(session, _ADMINISTRATORS)
    user = records.lock(session, actor, operations.UPDATE, user_id)
    _check_references(session, changes)
    before = [getattr(user, name) for name in rules.IN_TOKEN]
    _fill(user, changes)
    if [getattr(user, name) for name in rules.IN_TOKEN] != before:
        _void_tokens(user)
    _keep_an_administrator(session)
    return user


def update_own(session: Session, user_id: UUID, **changes: Any) -> User:
    """Change one's own data that no token or permission depends on; needs no permission."""
    user = hold(session, user_id)
    precondition.check(user)
    _fill(user, changes)
    return user


def disable(session: Session, actor: Actor, user_id: UUID) -> User:
    """Disable a user and end all their sessions."""
    advisory_lock(session, _ADMINISTRATORS)
    user = records.lock(session, actor, operations.DISABLE, user_id)
    user.enabled = False
    _end_sessions(session, user, "disabled")
    return user


def enable(session: Session, actor: Actor, user_id: UUID) -> User:
    """Let a disabled user sign in again."""
    user = records.lock(session, actor, operations.ENABLE, user_id)
    user.enabled = True
    return user


def reset_password(
    session: Session, actor: Actor, user_id: UUID, *, password: str, must_change_password: bool
) -> User:
    """Give a user another password and end all their sessions."""
    names = names_of(get(session, actor, user_id))
    # Hashing comes first, while the transaction holds nothing.
    password_hash = passwords.hash_new(password, names=names)
    user = records.lock(session, actor, operations.RESET_PASSWORD, user_id)
    set_password(session, user, password_hash, must_change_password=must_change_password)
    return user


def set_password(
    session: Session, user: User, password_hash: str, *, must_change_password: bool = False
) -> None:
    """Set a new password of a locked user and end all their sessions."""
    user.password_hash = password_hash
    user.must_change_password = must_change_password
    _end_sessions(session, user, "password-changed")


def sign_out(session: Session, actor: Actor, user_id: UUID) -> None:
    """End all sessions of a user."""
    user = records.lock(session, actor, operations.SIGN_OUT, user_id)
    _end_sessions(session, user, "signed-out-everywhere")
    audit.act(session, user, "signed-out")


def void(session: Session) -> dict[str, int]:
    """The users whose void access tokens may not have expired yet, with the epoch valid now."""
    since = clock.now() - AFTER_ACCESS_TOKEN
    rows = session.execute(select(User.id, User.epoch).where(User.voided_at > since))
    return {str(row.id): row.epoch for row in rows}


def _known(user: User | None) -> User:
    if user is None:
        raise not_found()
    return user


def _with_role(args: dict[str, Any]) -> list[ColumnElement[bool]]:
    return [User.roles.overlap(args["role"])] if "role" in args else []


def _check_references(session: Session, form: dict[str, Any]) -> None:
    checks: list[Callable[[], Any]] = []
    if "roles" in form:
        checks.append(lambda: roles.require(session, form["roles"], field="roles"))
    if form.get("department_id") is not None:
        checks.append(
            lambda: departments.require(session, form["department_id"], field="department_id")
        )
    problems.together(*checks)


def _fill(user: User, form: dict[str, Any]) -> None:
    for name, value in form.items():
        setattr(user, name, rules.sorted_once(value) if isinstance(value, list) else value)


def _keep_an_administrator(session: Session) -> None:
    """Refuse with 409 to lose the last one.  The caller holds the administrators' lock."""
    session.flush()
    if session.scalar(administrators().limit(1)) is None:
        raise Problem(409, "last-administrator")


def _void_tokens(user: User) -> None:
    user.epoch += 1
    user.voided_at = clock.now()


def _end_sessions(session: Session, user: User, reason: str) -> None:
    _void_tokens(user)
    sessions.end_all(session, user.id, reason)
