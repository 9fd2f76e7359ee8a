"""What a search finds."""

import marshmallow as ma

from kehu_chassis.data import hits, validate


class HitSchema(hits.HitSchema):
    """An opportunity."""

    type = ma.fields.String(required=True, validate=validate.OneOf(("opportunity",)))
    customer_id = ma.fields.UUID(required=True, allow_none=True)


class HitsSchema(ma.Schema):
    """The hits, the best first."""

    items = ma.fields.List(ma.fields.Nested(HitSchema), required=True)
