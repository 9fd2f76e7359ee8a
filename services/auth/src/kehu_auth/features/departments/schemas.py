"""Departments over HTTP, in and out."""

from kehu_auth.features.departments.models import Department
from kehu_chassis.data.fields import Actions
from kehu_chassis.data.schemas import RecordSchema


class DepartmentSchema(RecordSchema):
    """A department; without ``parent_id`` at the top."""

    class Meta(RecordSchema.Meta):
        model = Department
        exclude = ("name_key",)
        form = ("name", "parent_id")

    actions = Actions()
