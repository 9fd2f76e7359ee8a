"""Codes with their labels over HTTP."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_customer.features.reference import service


class LabelledSchema(ma.Schema):
    """What a code means."""

    label_zh = ma.fields.String(required=True)
    label_en = ma.fields.String(required=True)


class LevelSchema(LabelledSchema):
    """A customer's level."""

    code = ma.fields.String(required=True, validate=validate.OneOf(service.LEVELS))


class LevelsSchema(ma.Schema):
    """All levels, the closest first."""

    items = ma.fields.List(ma.fields.Nested(LevelSchema), required=True)


class LossReasonSchema(LabelledSchema):
    """Why a customer can be lost."""

    code = ma.fields.String(required=True, validate=validate.OneOf(service.LOSS_REASONS))


class LossReasonsSchema(ma.Schema):
    """All reasons."""

    items = ma.fields.List(ma.fields.Nested(LossReasonSchema), required=True)


class OrderStatusEntrySchema(LabelledSchema):
    """An order's status."""

    code = ma.fields.Integer(required=True, validate=validate.OneOf(service.ORDER_STATUSES))


class OrderStatusesSchema(ma.Schema):
    """All statuses, in the order of an order's life."""

    items = ma.fields.List(ma.fields.Nested(OrderStatusEntrySchema), required=True)
