"""Products and stock over HTTP; only to be read."""

import marshmallow as ma

from kehu_chassis.data.fields import Timestamp


class ProductSchema(ma.Schema):
    """A product of the sales system."""

    id = ma.fields.UUID(required=True)
    code = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    model = ma.fields.String(allow_none=True)
    grade = ma.fields.String(allow_none=True)
    unit = ma.fields.String(allow_none=True)
    price = ma.fields.Decimal(as_string=True, allow_none=True)
    currency = ma.fields.String(allow_none=True)
    remark = ma.fields.String(allow_none=True)
    as_of = Timestamp(required=True)


class StockSchema(ma.Schema):
    """How much of a product lies at a place."""

    id = ma.fields.UUID(required=True)
    product_code = ma.fields.String(required=True)
    warehouse = ma.fields.String(required=True)
    location = ma.fields.String(required=True)
    quantity = ma.fields.Decimal(as_string=True, required=True)
    remark = ma.fields.String(allow_none=True)
    as_of = Timestamp(required=True)
