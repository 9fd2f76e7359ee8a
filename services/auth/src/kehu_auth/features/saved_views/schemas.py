"""Saved views over HTTP, in and out."""

from typing import Any

import marshmallow as ma

from kehu_auth.features.saved_views import rules
from kehu_auth.features.saved_views.models import SavedView
from kehu_chassis.data.fields import Actions, Editable, Text
from kehu_chassis.data.schemas import RecordSchema, auto_field
from kehu_chassis.data.validate import Fault


class _Small:
    """Filters small enough to be kept."""

    error = Fault("too-long", max=rules.MAX_FILTERS)

    def __call__(self, filters: Any) -> None:
        if not rules.fits(filters):
            raise ma.ValidationError(self.error)


class SavedViewSchema(RecordSchema):
    """A saved view, and whether it is the caller's default for its list."""

    class Meta(RecordSchema.Meta):
        model = SavedView
        form = ("list_name", *rules.FIELDS)
        always = ("sort", "shared_with_role", "shared_with_department_id")

    actions = Actions()
    editable = Editable()
    filters = ma.fields.Dict(
        keys=Text(max_length=100, min_length=1),
        required=True,
        validate=_Small(),
        metadata={"description": "The list's parameters and their values, at most 4,000 bytes."},
    )
    sort = auto_field(allow_none=True)
    is_default = ma.fields.Boolean(required=True)


class SharingSchema(RecordSchema):
    """With whom a view is shared: a role or a department."""

    class Meta(RecordSchema.Meta):
        model = SavedView
        fields = ("shared_with_role", "shared_with_department_id")
