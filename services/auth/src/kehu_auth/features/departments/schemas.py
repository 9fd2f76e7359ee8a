"""Departments over HTTP, in and out."""

import marshmallow as ma

from kehu_auth.features.departments.models import Department
from kehu_chassis.data.fields import EntitySchema, Text
from kehu_chassis.data.listing import Listing


class DepartmentFormSchema(ma.Schema):
    """What may be changed of a department."""

    name = Text(max_length=100, min_length=1)
    parent_id = ma.fields.UUID(allow_none=True)


class DepartmentCreateSchema(DepartmentFormSchema):
    """A new department; without ``parent_id`` at the top."""

    name = Text(max_length=100, required=True)
    parent_id = ma.fields.UUID(allow_none=True, load_default=None)


class DepartmentSchema(EntitySchema):
    """A department."""

    name = ma.fields.String(required=True)
    parent_id = ma.fields.UUID(required=True, allow_none=True)


LISTING = Listing(
    Department,
    filters={"parent_id": Department.parent_id},
    sorts={"name": Department.name, "created_at": Department.created_at},
    default_sort="name",
)
