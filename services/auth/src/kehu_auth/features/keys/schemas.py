"""Signing keys over HTTP."""

import marshmallow as ma

from kehu_chassis.data.fields import StrictBoolean, Timestamp


class KeySchema(ma.Schema):
    """A signing key, without its private half."""

    kid = ma.fields.String(required=True)
    created_at = Timestamp(required=True)
    signs_from = Timestamp(required=True)
    expires_at = Timestamp(required=True, allow_none=True)


class KeysSchema(ma.Schema):
    """All keys that verifiers accept, newest first."""

    items = ma.fields.List(ma.fields.Nested(KeySchema), required=True)


class RotateSchema(ma.Schema):
    """Whether the present keys are compromised."""

    compromised = StrictBoolean(
        load_default=False,
        metadata={"description": "True: tokens signed by the present keys are void at once."},
    )


class JwkSchema(ma.Schema):
    """A public key (RFC 8037)."""

    kty = ma.fields.String(required=True)
    crv = ma.fields.String(required=True)
    alg = ma.fields.String(required=True)
    use = ma.fields.String(required=True)
    kid = ma.fields.String(required=True)
    x = ma.fields.String(required=True)


class JwksSchema(ma.Schema):
    """The public keys (RFC 7517)."""

    keys = ma.fields.List(ma.fields.Nested(JwkSchema), required=True)
