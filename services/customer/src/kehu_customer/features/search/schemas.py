"""What a search finds."""

import marshmallow as ma

from kehu_chassis.data import hits, validate

TYPES = ("customer", "contact", "order")


class HitSchema(hits.HitSchema):
    """A customer, contact or order."""

    type = ma.fields.String(required=True, validate=validate.OneOf(TYPES))
    customer_id = ma.fields.UUID(
        required=True, metadata={"description": "The customer to whom it belongs, or itself."}
    )


class HitsSchema(ma.Schema):
    """The hits of each type, the best first."""

    items = ma.fields.List(ma.fields.Nested(HitSchema), required=True)
