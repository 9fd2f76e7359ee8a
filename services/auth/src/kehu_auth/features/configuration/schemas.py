"""The configuration of clients over HTTP."""

import marshmallow as ma


class PasswordRuleSchema(ma.Schema):
    """What a new password must be; beyond that it may not be easy to guess."""

    min_length = ma.fields.Integer(required=True, metadata={"description": "Visible characters."})
    max_length = ma.fields.Integer(required=True, metadata={"description": "Characters."})


class LimitsSchema(ma.Schema):
    """What a client may send at once."""

    request_bytes = ma.fields.Integer(
        required=True, metadata={"description": "The largest body of a request, in bytes."}
    )


class ClientConfigurationSchema(ma.Schema):
    """What every client of this installation needs to know; nothing of it is secret."""

    version = ma.fields.String(required=True, metadata={"description": "Kehu's release."})
    time_zone = ma.fields.String(
        required=True,
        metadata={"description": "Of business days and schedules.", "example": "Asia/Shanghai"},
    )
    currency = ma.fields.String(
        required=True, metadata={"description": "The default of new amounts, ISO 4217."}
    )
    languages = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "The default first."}
    )
    password = ma.fields.Nested(PasswordRuleSchema, required=True)
    limits = ma.fields.Nested(LimitsSchema, required=True)
    features = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={
            "description": "The optional features that are switched on; so far there are none."
        },
    )
