"""Signing in and out over HTTP."""

import marshmallow as ma

from kehu_auth.features.preferences.schemas import PreferencesSchema
from kehu_auth.features.sessions.service import LoginSession
from kehu_auth.features.users.schemas import AccountSchema
from kehu_chassis.data import validate
from kehu_chassis.data.fields import Actions, Text
from kehu_chassis.data.schemas import RecordSchema

_PASSWORD = {"format": "password"}


class LoginSchema(ma.Schema):
    """A name and a password."""

    username = Text(max_length=200, required=True)
    password = ma.fields.String(
        required=True, load_only=True, validate=validate.Length(1, 128), metadata=_PASSWORD
    )
    otp = Text(
        max_length=50,
        load_only=True,
        metadata={"description": "The code of a second factor; ignored until A7."},
    )
    device_token = Text(
        max_length=200,
        load_only=True,
        metadata={
            "description": "That of the last login here: it keeps others from locking one out."
        },
    )


class RefreshSchema(ma.Schema):
    """The refresh token of the last response."""

    refresh_token = Text(max_length=200, required=True)


class TokensSchema(ma.Schema):
    """An access token, and the refresh token that gives the next one, once."""

    sometimes = ("device_token",)

    access_token = ma.fields.String(required=True)
    token_type = ma.fields.String(required=True, validate=validate.OneOf(["Bearer"]))
    expires_in = ma.fields.Integer(required=True, metadata={"description": "Seconds."})
    refresh_token = ma.fields.String(required=True)
    user = ma.fields.Nested(AccountSchema, required=True)
    device_token = ma.fields.String(
        metadata={"description": "After a login only: send it with the next login, for 180 days."}
    )


class MeSchema(AccountSchema):
    """The caller, with what they may do and how they like to see the application."""

    permissions = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(validate=validate.OneOf(["own", "team", "all"])),
        required=True,
    )
    preferences = ma.fields.Nested(PreferencesSchema, required=True)


class SessionSchema(RecordSchema):
    """A session of the caller: one sign-in, until it is ended or not used for long."""

    class Meta(RecordSchema.Meta):
        model = LoginSession
        fields = (
            "id", "created_at", "last_used_at", "expires_at", "address", "device", "current",
            "actions",
        )  # fmt: skip
        always = ("address", "device")

    actions = Actions()
    current = ma.fields.Boolean(
        required=True, metadata={"description": "Whether it is that of this request."}
    )


class EndedSchema(ma.Schema):
    """How many sessions were ended."""

    ended = ma.fields.Integer(required=True)


class PasswordChangeSchema(ma.Schema):
    """The old password and the new one."""

    old_password = ma.fields.String(
        required=True, load_only=True, validate=validate.Length(1, 128), metadata=_PASSWORD
    )
    new_password = ma.fields.String(
        required=True, load_only=True, validate=validate.Length(1, 128), metadata=_PASSWORD
    )
