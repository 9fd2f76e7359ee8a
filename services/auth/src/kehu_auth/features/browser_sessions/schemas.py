"""What the gateway sends and gets for a browser."""

import marshmallow as ma

from kehu_auth.features.account.schemas import LoginSchema, MeSchema


class BeginSchema(LoginSchema):
    """A name and a password."""

    class Meta:
        exclude = ("device_token",)


class BegunSchema(ma.Schema):
    """The secret of a new session, and who it belongs to."""

    secret = ma.fields.String(required=True)
    me = ma.fields.Nested(MeSchema, required=True)


class ExchangedSchema(ma.Schema):
    """An access token of the session."""

    access_token = ma.fields.String(required=True)
    expires_in = ma.fields.Integer(required=True)
