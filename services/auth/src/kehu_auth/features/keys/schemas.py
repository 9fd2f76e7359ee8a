"""Signing keys over HTTP."""

import marshmallow as ma

from kehu_chassis.fields import Flag, Moment


class KeySchema(ma.Schema):
    """A signing key, without its private half."""

    kid = ma.fields.String(required=True)
    created_at = Moment(required=True)
    signs_from = Moment(required=True)
    expires_at = Moment(required=True, allow_none=True)


class KeysSchema(ma.Schema):
    """All keys that verifiers accept, newest first."""

    items = ma.fields.List(ma.fields.Nested(KeySchema), required=True)


class RotateSchema(ma.Schema):
    """How urgent it is."""

    compromised = Flag(
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
