"""Users over HTTP, in and out."""

from typing import Any

import marshmallow as ma

from kehu_auth.features.users.models import User
from kehu_chassis.data import validate
from kehu_chassis.data.fields import CommaList, EntitySchema, StrictBoolean, Text
from kehu_chassis.data.listing import Listing

LOCALES = ("zh", "en")

# A token carries the names of a user's roles and must stay small.
MAX_ROLES = 8


def _codes(**options: Any) -> ma.fields.List[Any]:
    return ma.fields.List(
        Text(max_length=50, min_length=1), validate=validate.Length(max=50), **options
    )


def _roles(**options: Any) -> ma.fields.List[Any]:
    return ma.fields.List(
        Text(max_length=40, min_length=1), validate=validate.Length(1, MAX_ROLES), **options
    )


def _password(**options: Any) -> ma.fields.String:
    # How long it must be is a rule of its own; this only bounds what is read.
    return ma.fields.String(
        validate=validate.Length(1, 128),
        load_only=True,
        metadata={"format": "password", "description": "At least 8 characters."},
        **options,
    )


class ProfileSchema(ma.Schema):
    """What people may change of themselves: how one reaches them."""

    email = ma.fields.Email(allow_none=True, validate=validate.Length(max=254))
    phone = Text(max_length=50, allow_none=True)
    locale = ma.fields.String(validate=validate.OneOf(LOCALES))


class UserFormSchema(ProfileSchema):
    """What administrators may change of a user."""

    display_name = Text(max_length=100, min_length=1)
    roles = _roles()
    department_id = ma.fields.UUID(allow_none=True)
    regions = _codes()
    industries = _codes()


class UserCreateSchema(UserFormSchema):
    """A new user; without a password they sign in once an administrator has given them one."""

    username = Text(max_length=64, required=True)
    display_name = Text(max_length=100, required=True)
    password = _password(load_default=None)
    must_change_password = StrictBoolean(load_default=True)
    email = ma.fields.Email(allow_none=True, load_default=None, validate=validate.Length(max=254))
    phone = Text(max_length=50, allow_none=True, load_default=None)
    locale = ma.fields.String(load_default="zh", validate=validate.OneOf(LOCALES))
    roles = _roles(required=True)
    department_id = ma.fields.UUID(allow_none=True, load_default=None)
    regions = _codes(load_default=list)
    industries = _codes(load_default=list)


class PasswordResetSchema(ma.Schema):
    """A new password, by an administrator."""

    password = _password(required=True)
    must_change_password = StrictBoolean(load_default=True)


class UserSchema(EntitySchema):
    """A user."""

    username = ma.fields.String(required=True)
    display_name = ma.fields.String(required=True)
    must_change_password = ma.fields.Boolean(required=True)
    email = ma.fields.String(required=True, allow_none=True)
    phone = ma.fields.String(required=True, allow_none=True)
    locale = ma.fields.String(required=True)
    roles = ma.fields.List(ma.fields.String(), required=True)
    department_id = ma.fields.UUID(required=True, allow_none=True)
    regions = ma.fields.List(ma.fields.String(), required=True)
    industries = ma.fields.List(ma.fields.String(), required=True)
    enabled = ma.fields.Boolean(required=True)


class PersonSchema(ma.Schema):
    """A person as everybody may pick them from a list."""

    id = ma.fields.UUID(required=True)
    display_name = ma.fields.String(required=True)
    roles = ma.fields.List(ma.fields.String(), required=True)
    department_id = ma.fields.UUID(required=True, allow_none=True)
    department = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "The department's name."}
    )


def _role_filter() -> ma.fields.Field[Any]:
    return CommaList(Text(max_length=40), validate=validate.Length(1, 50))


LISTING = Listing(
    User,
    filters={
        "username": User.username,
        "department_id": User.department_id,
        "enabled": User.enabled,
    },
    ranges={"created_at": User.created_at},
    sorts={
        "username": User.username,
        "display_name": User.display_name,
        "created_at": User.created_at,
    },
    default_sort="username",
    extra={"role": _role_filter()},
)

PEOPLE = Listing(
    User,
    filters={"department_id": User.department_id},
    sorts={"display_name": User.display_name},
    default_sort="display_name",
    extra={"role": _role_filter()},
)
