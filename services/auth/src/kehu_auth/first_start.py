"""What every migration ensures at its end: the built-in roles, and a user who can sign in."""

from __future__ import annotations

import secrets
import sys

from sqlalchemy.orm import Session

from kehu_auth import environment
from kehu_auth.features.roles import service as roles
from kehu_auth.features.users import service as users
from kehu_chassis.data.database import advisory_lock
from kehu_chassis.problems import Problem


def prepare(session: Session) -> None:
    """Seed the roles; make the first administrator if there are no users."""
    contracts = environment.contracts()
    advisory_lock(session, "first-start")
    roles.seed(session, contracts.path)
    if users.is_empty(session):
        _make_administrator(session)


def _make_administrator(session: Session) -> None:
    wanted = environment.first_administrator()
    password = wanted.password or secrets.token_urlsafe(15)
    try:
        user = users.create(
            session,
            username=wanted.username,
            password=password,
            display_name=wanted.username,
            must_change_password=wanted.password is None,
            roles=[roles.ADMINISTRATOR],
            department_id=None,
            email=None,
            phone=None,
            locale="zh",
            regions=[],
            industries=[],
        )
    except Problem as problem:
        code = problem.errors[0]["code"] if problem.errors else problem.code
        print(
            f"kehu: configuration: KEHU_ADMIN_USERNAME, KEHU_ADMIN_PASSWORD: {code}",
            file=sys.stderr,
        )
        raise SystemExit(78) from None  # EX_CONFIG of sysexits.h
    if wanted.password is None:
        # Before the commit: a password shown in vain is harmless, as the next start shows another;
        # one that is stored but was never shown locks everybody out.
        print(f"First administrator: {user.username}   password: {password}", flush=True)
        print("It is shown only once and must be changed at the first sign-in.", flush=True)
