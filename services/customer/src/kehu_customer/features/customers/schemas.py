"""The directory of customers and their losses over HTTP, read-only."""

import marshmallow as ma

from kehu_chassis.data.schemas import RecordSchema
from kehu_customer.features.customers.models import Customer, CustomerLoss
from kehu_customer.features.customers.rules import SHOWN_TO_ALL


class DirectoryEntrySchema(RecordSchema):
    """A customer as visible to everybody who may read customers."""

    class Meta(RecordSchema.Meta):
        model = Customer
        fields = SHOWN_TO_ALL


class LossSchema(RecordSchema):
    """A loss, and how the customer came back."""

    class Meta(RecordSchema.Meta):
        model = CustomerLoss
        exclude = ("customer_id",)


class LossesSchema(ma.Schema):
    """All losses, the latest first."""

    items = ma.fields.List(ma.fields.Nested(LossSchema), required=True)
