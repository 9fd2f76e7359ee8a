"""Users over HTTP, in and out."""

from typing import Any, ClassVar

import marshmallow as ma

from kehu_auth.features.users import rules
from kehu_auth.features.users.models import User
from kehu_chassis.data import validate
from kehu_chassis.data.fields import Actions, StrictBoolean, Text
from kehu_chassis.data.schemas import RecordSchema


def _password(**options: Any) -> ma.fields.String:
    # How long it must be is a rule of its own; this only bounds what is read.
    return ma.fields.String(
        validate=validate.Length(1, 128),
        load_only=True,
        metadata={"format": "password", "description": "At least 8 characters."},
        **options,
    )


class AccountSchema(RecordSchema):
    """A user as they see themselves."""

    class Meta(RecordSchema.Meta):
        model = User
        exclude = ("epoch", "voided_at")
        # What administrators may change; users may change the first three of their own.
        form: ClassVar[tuple[str, ...]] = (
            "email", "phone", "locale", "display_name", "roles", "department_id", "regions",
            "industries",
        )  # fmt: skip

    roles = ma.fields.List(
        Text(max_length=40, min_length=1),
        required=True,
        validate=validate.Length(1, rules.MAX_ROLES),
    )


class UserSchema(AccountSchema):
    """A user."""

    actions = Actions()


class NewUserSchema(UserSchema):
    """A new user; without a password they sign in once an administrator has given them one."""

    class Meta(UserSchema.Meta):
        form: ClassVar[tuple[str, ...]] = (
            *UserSchema.Meta.form, "username", "password", "must_change_password",
        )  # fmt: skip

    password = _password(load_default=None)


class PasswordResetSchema(ma.Schema):
    """A new password, by an administrator."""

    password = _password(required=True)
    must_change_password = StrictBoolean(load_default=True)


class PersonSchema(ma.Schema):
    """A person as everybody may pick them from a list."""

    id = ma.fields.UUID(required=True)
    display_name = ma.fields.String(required=True)
    roles = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "None of a disabled person."},
    )
    department_id = ma.fields.UUID(required=True, allow_none=True)
    department = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "The department's name."}
    )
    enabled = StrictBoolean(
        required=True, metadata={"description": "False only where `id` names the person."}
    )
