"""Products and stock over HTTP, read-only."""

import marshmallow as ma

from kehu_chassis.data.schemas import RecordSchema
from kehu_customer.features.catalogue.models import Product, Stock


class ProductSchema(RecordSchema):
    """A product of the sales system."""

    class Meta(RecordSchema.Meta):
        model = Product
        exclude = ("version",)

    price = ma.fields.Decimal(as_string=True, allow_none=True)  # of up to six decimals


class StockSchema(RecordSchema):
    """How much of a product lies at a place."""

    class Meta(RecordSchema.Meta):
        model = Stock
        exclude = ("version",)

    quantity = ma.fields.Decimal(as_string=True, required=True)
