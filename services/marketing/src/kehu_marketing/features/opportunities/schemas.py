"""Opportunities over HTTP, in and out."""

from typing import ClassVar

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import Actions, Editable, Money, Text, Timestamp
from kehu_chassis.data.people import PersonName
from kehu_chassis.data.schemas import RecordSchema
from kehu_marketing.features.opportunities import rules
from kehu_marketing.features.opportunities.models import Opportunity, PlanItem
from kehu_marketing.features.opportunities.texts import TEXTS


class OpportunitySchema(RecordSchema):
    """An opportunity."""

    class Meta(RecordSchema.Meta):
        model = Opportunity
        exclude = ("stage_type", "stage_entered_at")
        form = rules.FORM
        instead: ClassVar[dict[str, str]] = {"customer_name": "customer_id"}

    actions = Actions()
    editable = Editable()


class AssignSchema(ma.Schema):
    """The new assignee."""

    assignee_id = ma.fields.UUID(required=True)


class VoidSchema(ma.Schema):
    """Why it is set aside."""

    reason = Text(max_length=2000, required=True)


class MoveSchema(ma.Schema):
    """The target: an open stage, and optionally the card to move above on the kanban."""

    stage = Text(max_length=50, required=True)
    success_rate = ma.fields.Integer(
        strict=True, validate=validate.Range(0, 100), metadata={"description": "Percent."}
    )
    above_id = ma.fields.UUID()


class WinSchema(ma.Schema):
    """For what amount it was won; the expected amount unless given."""

    amount = Money()


class LoseSchema(ma.Schema):
    """Why it was lost, and to whom."""

    reason_code = ma.fields.String(
        required=True, validate=validate.OneOf(TEXTS.labels["opportunity.loss_reason"])
    )
    reason = Text(max_length=2000, required=True)
    competitor = Text(max_length=200, min_length=1)


class CandidateSchema(ma.Schema):
    """A candidate for assignment."""

    id = ma.fields.UUID(required=True)
    display_name = ma.fields.String(required=True)
    regions = ma.fields.List(ma.fields.String(), required=True)
    industries = ma.fields.List(ma.fields.String(), required=True)
    open_opportunities = ma.fields.Integer(required=True)
    matches = ma.fields.Integer(
        required=True, metadata={"description": "How many of region and industry are theirs."}
    )


class CandidatesSchema(ma.Schema):
    """All candidates, best match first."""

    items = ma.fields.List(ma.fields.Nested(CandidateSchema), required=True)


class StageChangeSchema(ma.Schema):
    """One move through the pipeline."""

    from_stage = ma.fields.String(allow_none=True)
    to_stage = ma.fields.String(required=True)
    changed_at = Timestamp(required=True)
    changed_by = ma.fields.UUID(required=True)
    changed_by_name = PersonName("changed_by")
    seconds_in_from_stage = ma.fields.Integer(
        allow_none=True, metadata={"description": "Seconds; null where it came from no stage."}
    )


class ProgressChangeSchema(ma.Schema):
    """One change of expectations."""

    field = ma.fields.String(required=True)
    old = ma.fields.Raw(allow_none=True)
    new = ma.fields.Raw(allow_none=True)
    changed_at = Timestamp(required=True)
    changed_by = ma.fields.UUID(required=True)
    changed_by_name = PersonName("changed_by")


class HistorySchema(ma.Schema):
    """What happened to it, oldest first."""

    stage_changes = ma.fields.List(ma.fields.Nested(StageChangeSchema), required=True)
    progress_changes = ma.fields.List(ma.fields.Nested(ProgressChangeSchema), required=True)


class PlanItemSchema(RecordSchema):
    """A step of the plan, and its result."""

    class Meta(RecordSchema.Meta):
        model = PlanItem
        exclude: tuple[str, ...] = ("opportunity_id",)
        form = ("date", "content")

    actions = Actions()
    editable = Editable()


class PlannedItemSchema(PlanItemSchema):
    """A step of a plan, with the opportunity that it develops."""

    class Meta(PlanItemSchema.Meta):
        exclude = ()

    overdue = ma.fields.Boolean(
        required=True, metadata={"description": "Pending, and planned for a day before today."}
    )
    opportunity_number = ma.fields.String(required=True)
    opportunity_summary = ma.fields.String(required=True)
    customer_id = ma.fields.UUID(required=True, allow_none=True)
    customer_name = ma.fields.String(required=True)
    assignee_id = ma.fields.UUID(required=True, allow_none=True)
    assignee_name = PersonName("assignee_id")


class PlanItemEditSchema(ma.Schema):
    """What is planned; the date may be repeated, not changed."""

    date = ma.fields.Date()
    content = Text(max_length=5000, required=True)


class ResultSchema(ma.Schema):
    """The result of a step."""

    result = Text(max_length=5000, required=True)


class PlanSchema(ma.Schema):
    """The whole plan, by date."""

    items = ma.fields.List(ma.fields.Nested(PlanItemSchema), required=True)


class BoardAmountSchema(ma.Schema):
    """What the opportunities of one stage and currency are expected to bring."""

    currency = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    amount = Money(required=True)


class BoardStageSchema(ma.Schema):
    """An open stage with its first opportunities.

    The next ones are those of `GET /opportunities` with the same filters and `limit`, `status` of
    `developing`, this `stage`, `sort` of `kanban_rank`, and `next_cursor`.
    """

    stage = ma.fields.String(required=True)
    position = ma.fields.Integer(required=True)
    label_zh = ma.fields.String(required=True)
    label_en = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    amounts = ma.fields.List(
        ma.fields.Nested(BoardAmountSchema),
        required=True,
        metadata={"description": "Per currency; one without expected amount counts as nothing."},
    )
    opportunities = ma.fields.List(ma.fields.Nested(OpportunitySchema), required=True)
    next_cursor = ma.fields.String(required=True, allow_none=True)


class BoardSchema(ma.Schema):
    """The board: all open stages, in order."""

    items = ma.fields.List(ma.fields.Nested(BoardStageSchema), required=True)
