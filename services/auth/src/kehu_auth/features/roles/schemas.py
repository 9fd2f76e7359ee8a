"""Roles and permissions over HTTP."""

import marshmallow as ma

from kehu_auth.features.roles.models import Role
from kehu_chassis.data import validate
from kehu_chassis.data.fields import Actions
from kehu_chassis.data.schemas import RecordSchema

SCOPES = ("own", "team", "all")


class RoleSchema(RecordSchema):
    """A role."""

    class Meta(RecordSchema.Meta):
        model = Role

    actions = Actions()
    permissions = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(validate=validate.OneOf(SCOPES)),
        required=True,
        metadata={"description": "What the role may do, and for whose records."},
    )


class OperationSchema(ma.Schema):
    """An operation that a permission opens."""

    service = ma.fields.String(required=True)
    method = ma.fields.String(required=True)
    path = ma.fields.String(required=True)
    summary = ma.fields.String(required=True)


class PermissionSchema(ma.Schema):
    """A permission that some operation requires."""

    name = ma.fields.String(required=True)
    operations = ma.fields.List(ma.fields.Nested(OperationSchema), required=True)


class PermissionsSchema(ma.Schema):
    """The catalogue of permissions."""

    items = ma.fields.List(ma.fields.Nested(PermissionSchema), required=True)
