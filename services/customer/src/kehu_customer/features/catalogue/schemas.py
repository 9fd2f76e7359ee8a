"""Products and stock over HTTP, read-only."""

import marshmallow as ma

from kehu_chassis.data.fields import Money
from kehu_chassis.data.schemas import RecordSchema
from kehu_customer.features.catalogue.models import Product, Stock


class ProductSchema(RecordSchema):
    """A product of the sales system."""

    class Meta(RecordSchema.Meta):
        model = Product
        exclude = ("version",)

    # A unit price has more decimals than its currency if that is its price.
    price = Money(allow_none=True, metadata={"pattern": r"^[0-9]{1,18}(\.[0-9]{1,6})?$"})


class StockSchema(RecordSchema):
    """How much of a product lies at a place."""

    class Meta(RecordSchema.Meta):
        model = Stock
        exclude = ("version",)

    quantity = ma.fields.Decimal(as_string=True, required=True)
