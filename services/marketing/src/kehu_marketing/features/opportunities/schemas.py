"""Opportunities over HTTP, in and out."""

from typing import Any

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import (
    Currency,
    EntitySchema,
    Money,
    Text,
    Timestamp,
    default_currency,
)
from kehu_chassis.data.listing import Listing
from kehu_marketing.features.opportunities import rules
from kehu_marketing.features.opportunities.models import Opportunity

SUCCESS_RATE = validate.Range(0, 100)


def _whole_number(**options: Any) -> ma.fields.Integer:
    return ma.fields.Integer(strict=True, validate=SUCCESS_RATE, **options)


def _products(**options: Any) -> ma.fields.List[Any]:
    return ma.fields.List(
        Text(max_length=100, min_length=1), validate=validate.Length(max=50), **options
    )


class OpportunityFormSchema(ma.Schema):
    """The form of an unassigned opportunity; all optional, for editing."""

    source = Text(max_length=100, allow_none=True)
    customer_name = Text(max_length=200, min_length=1)
    customer_id = ma.fields.UUID(allow_none=True)
    success_rate = _whole_number()
    summary = Text(max_length=500, min_length=1)
    contact_name = Text(max_length=100, allow_none=True)
    contact_phone = Text(max_length=50, allow_none=True)
    description = Text(max_length=10_000, min_length=1)
    expected_amount = Money(allow_none=True)
    currency = Currency()
    expected_close_date = ma.fields.Date(allow_none=True)
    products = _products()
    region = Text(max_length=100, allow_none=True)
    industry = Text(max_length=100, allow_none=True)
    registration_no = Text(max_length=50, allow_none=True)


class OpportunityCreateSchema(OpportunityFormSchema):
    """The form with its required fields: a name or an existing customer, chance, text."""

    success_rate = _whole_number(required=True)
    summary = Text(max_length=500, required=True)
    description = Text(max_length=10_000, required=True)
    customer_id = ma.fields.UUID(allow_none=True, load_default=None)
    currency = Currency(load_default=default_currency)
    products = _products(load_default=list)


class OpportunitySchema(EntitySchema):
    """An opportunity."""

    number = ma.fields.String(required=True)
    status = ma.fields.String(required=True, validate=validate.OneOf(rules.STATUSES))
    stage = ma.fields.String(allow_none=True)
    source = ma.fields.String(allow_none=True)
    customer_name = ma.fields.String(required=True)
    customer_id = ma.fields.UUID(allow_none=True)
    success_rate = ma.fields.Integer(required=True)
    summary = ma.fields.String(required=True)
    contact_name = ma.fields.String(allow_none=True)
    contact_phone = ma.fields.String(allow_none=True)
    description = ma.fields.String(required=True)
    expected_amount = Money(allow_none=True)
    currency = ma.fields.String(required=True)
    expected_close_date = ma.fields.Date(allow_none=True)
    products = ma.fields.List(ma.fields.String(), required=True)
    region = ma.fields.String(allow_none=True)
    industry = ma.fields.String(allow_none=True)
    registration_no = ma.fields.String(allow_none=True)
    assignee_id = ma.fields.UUID(allow_none=True)
    assigned_at = Timestamp(allow_none=True)
    amount = Money(allow_none=True)
    closed_at = Timestamp(allow_none=True)
    close_reason_code = ma.fields.String(allow_none=True)
    close_reason = ma.fields.String(allow_none=True)
    competitor = ma.fields.String(allow_none=True)
    previous_id = ma.fields.UUID(allow_none=True)
    kanban_rank = ma.fields.Float(required=True)


class ProgressSchema(ma.Schema):
    """What may change while an opportunity is being developed."""

    success_rate = _whole_number()
    expected_amount = Money(allow_none=True)
    currency = Currency()
    expected_close_date = ma.fields.Date(allow_none=True)
    products = _products()
    contact_name = Text(max_length=100, allow_none=True)
    contact_phone = Text(max_length=50, allow_none=True)


class AssignSchema(ma.Schema):
    """Whom it is given to."""

    assignee_id = ma.fields.UUID(required=True)


class VoidSchema(ma.Schema):
    """Why it is set aside."""

    reason = Text(max_length=2000, required=True)


class MoveSchema(ma.Schema):
    """Where it moves: an open stage, and optionally above another one on the kanban."""

    stage = Text(max_length=50, required=True)
    success_rate = _whole_number()
    above_id = ma.fields.UUID()


class WinSchema(ma.Schema):
    """For what amount it was won; the expected amount unless given."""

    amount = Money()


class LoseSchema(ma.Schema):
    """Why it was lost, and to whom."""

    reason_code = ma.fields.String(
        required=True, validate=validate.FullMatch(r"^[a-z][a-z0-9_]{0,49}$")
    )
    reason = Text(max_length=2000, required=True)
    competitor = Text(max_length=200, min_length=1)


class CandidateSchema(ma.Schema):
    """Somebody it may be assigned to."""

    id = ma.fields.UUID(required=True)
    display_name = ma.fields.String(required=True)
    regions = ma.fields.List(ma.fields.String(), required=True)
    industries = ma.fields.List(ma.fields.String(), required=True)
    open_opportunities = ma.fields.Integer(required=True)
    matches = ma.fields.Integer(
        required=True, metadata={"description": "How many of region and industry are theirs."}
    )


class CandidatesSchema(ma.Schema):
    """Everybody it may be assigned to, best match first."""

    items = ma.fields.List(ma.fields.Nested(CandidateSchema), required=True)


class StageChangeSchema(ma.Schema):
    """One move through the pipeline."""

    from_stage = ma.fields.String(allow_none=True)
    to_stage = ma.fields.String(required=True)
    changed_at = Timestamp(required=True)
    changed_by = ma.fields.UUID(required=True)
    seconds_in_from_stage = ma.fields.Integer(allow_none=True)


class ProgressChangeSchema(ma.Schema):
    """One change of expectations."""

    field = ma.fields.String(required=True)
    old = ma.fields.Raw(allow_none=True)
    new = ma.fields.Raw(allow_none=True)
    changed_at = Timestamp(required=True)
    changed_by = ma.fields.UUID(required=True)


class HistorySchema(ma.Schema):
    """What happened to it, oldest first."""

    stage_changes = ma.fields.List(ma.fields.Nested(StageChangeSchema), required=True)
    progress_changes = ma.fields.List(ma.fields.Nested(ProgressChangeSchema), required=True)


class PlanItemCreateSchema(ma.Schema):
    """A step of the plan."""

    date = ma.fields.Date(required=True, metadata={"example": "2007-12-13"})
    content = Text(max_length=5000, required=True)


class PlanItemEditSchema(ma.Schema):
    """What is planned; the date may be repeated, not changed."""

    date = ma.fields.Date()
    content = Text(max_length=5000, required=True)


class ResultSchema(ma.Schema):
    """What came of a step."""

    result = Text(max_length=5000, required=True)


class PlanItemSchema(EntitySchema):
    """A step of the plan, and what came of it."""

    date = ma.fields.Date(required=True)
    content = ma.fields.String(required=True)
    state = ma.fields.String(required=True, validate=validate.OneOf(rules.ITEM_STATES))
    result = ma.fields.String(allow_none=True)
    executed_at = Timestamp(allow_none=True)


class PlanSchema(ma.Schema):
    """The whole plan, by date."""

    items = ma.fields.List(ma.fields.Nested(PlanItemSchema), required=True)


LISTING = Listing(
    Opportunity,
    filters={
        "status": Opportunity.status,
        "stage": Opportunity.stage,
        "assignee_id": Opportunity.assignee_id,
        "created_by": Opportunity.created_by,
        "customer_id": Opportunity.customer_id,
        "region": Opportunity.region,
        "industry": Opportunity.industry,
        "source": Opportunity.source,
    },
    choices={"status": rules.STATUSES},
    ranges={
        "created_at": Opportunity.created_at,
        "closed_at": Opportunity.closed_at,
        "expected_close_date": Opportunity.expected_close_date,
        "expected_amount": Opportunity.expected_amount,
        "success_rate": Opportunity.success_rate,
    },
    sorts={
        "created_at": Opportunity.created_at,
        "number": Opportunity.number,
        "customer_name": Opportunity.customer_name,
        "success_rate": Opportunity.success_rate,
        "expected_amount": Opportunity.expected_amount,
        "expected_close_date": Opportunity.expected_close_date,
        "closed_at": Opportunity.closed_at,
        "kanban_rank": Opportunity.kanban_rank,
    },
    default_sort="-created_at",
)
