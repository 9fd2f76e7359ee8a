"""The first tables, and the nine stages of the pipeline."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kehu_chassis.data import tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# code, type, default probability, labels; in the order of the pipeline.
STAGES = (
    ("qualification", "open", 10, "资质审查", "Qualification"),
    ("needs_analysis", "open", 20, "需求分析", "Needs analysis"),
    ("value_proposition", "open", 40, "价值建议", "Value proposition"),
    ("decision_makers", "open", 50, "确定决策者", "Decision makers"),
    ("proposal", "open", 65, "提案/报价", "Proposal / quote"),
    ("negotiation", "open", 80, "谈判/复审", "Negotiation / review"),
    ("won", "won", 100, "成交", "Won"),
    ("lost", "lost", 0, "丢失线索", "Lost"),
    ("lost_to_competitor", "lost", 0, "因竞争丢失关闭", "Lost to competitor"),
)


def upgrade() -> None:
    tables.create_v1(op)
    op.create_table(
        "customer_ref",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_ref")),
    )
    op.create_table(
        "opportunity",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("success_rate", sa.Integer(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("expected_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("expected_close_date", sa.Date(), nullable=True),
        sa.Column("products", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("registration_no", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("stage_type", sa.Text(), nullable=True),
        sa.Column("stage_entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kanban_rank", sa.Double(), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_reason_code", sa.Text(), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.Column("competitor", sa.Text(), nullable=True),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("search_grams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity")),
        sa.UniqueConstraint("number", name=op.f("uq_opportunity_number")),
    )
    op.create_index(
        op.f("ix_opportunity_assignee_id"), "opportunity", ["assignee_id"], unique=False
    )
    op.create_index("ix_opportunity_closed_at_id", "opportunity", ["closed_at", "id"], unique=False)
    op.create_index(
        "ix_opportunity_created_at_id", "opportunity", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_opportunity_created_by"), "opportunity", ["created_by"], unique=False)
    op.create_index(
        op.f("ix_opportunity_customer_id"), "opportunity", ["customer_id"], unique=False
    )
    op.create_index(
        "ix_opportunity_customer_name_id", "opportunity", ["customer_name", "id"], unique=False
    )
    op.create_index(
        "ix_opportunity_expected_amount_id", "opportunity", ["expected_amount", "id"], unique=False
    )
    op.create_index(
        "ix_opportunity_expected_close_date_id",
        "opportunity",
        ["expected_close_date", "id"],
        unique=False,
    )
    op.create_index(
        "ix_opportunity_success_rate_id", "opportunity", ["success_rate", "id"], unique=False
    )
    op.create_index(
        "ix_opportunity_kanban_rank_id", "opportunity", ["kanban_rank", "id"], unique=False
    )
    op.create_index(
        "ix_opportunity_search_grams",
        "opportunity",
        ["search_grams"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_opportunity_status_stage_kanban_rank",
        "opportunity",
        ["status", "stage", "kanban_rank"],
        unique=False,
    )
    op.create_table(
        "stage",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("label_zh", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_stage")),
    )
    op.create_table(
        "plan_item",
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name=op.f("fk_plan_item_opportunity_id_opportunity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_item")),
    )
    op.create_index(
        op.f("ix_plan_item_opportunity_id"), "plan_item", ["opportunity_id"], unique=False
    )
    op.create_table(
        "progress_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("old", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("new", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name=op.f("fk_progress_change_opportunity_id_opportunity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_change")),
    )
    op.create_index(
        op.f("ix_progress_change_opportunity_id"),
        "progress_change",
        ["opportunity_id"],
        unique=False,
    )
    op.create_table(
        "stage_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("from_stage", sa.Text(), nullable=True),
        sa.Column("to_stage", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("seconds_in_from_stage", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name=op.f("fk_stage_change_opportunity_id_opportunity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_change")),
    )
    op.create_index(
        op.f("ix_stage_change_opportunity_id"), "stage_change", ["opportunity_id"], unique=False
    )
    op.bulk_insert(
        sa.table(
            "stage",
            *(sa.column(name) for name in ("code", "position", "type", "probability")),
            sa.column("label_zh"),
            sa.column("label_en"),
        ),
        [
            {
                "code": code,
                "position": position,
                "type": kind,
                "probability": probability,
                "label_zh": label_zh,
                "label_en": label_en,
            }
            for position, (code, kind, probability, label_zh, label_en) in enumerate(STAGES, 1)
        ],
    )
