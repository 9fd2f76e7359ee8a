"""The first tables."""

import sqlalchemy as sa
from alembic import op

from kehu_chassis.data import tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    tables.create_v1(op)
    op.create_table(
        "churn_warning",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_order_on", sa.Date(), nullable=True),
        sa.Column("cut_off_on", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_churn_warning")),
    )
    op.create_index("ix_churn_warning_customer_id", "churn_warning", ["customer_id"], unique=False)
    op.create_index(
        "ix_churn_warning_opened_at", "churn_warning", ["opened_at", "id"], unique=False
    )
    op.create_table(
        "customer_ref",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("credit", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_ref")),
    )
    op.create_index(
        op.f("ix_customer_ref_manager_id"), "customer_ref", ["manager_id"], unique=False
    )
    op.create_index("ix_customer_ref_name", "customer_ref", ["name", "id"], unique=False)
    op.create_index("ix_customer_ref_number", "customer_ref", ["number", "id"], unique=False)
    op.create_index(
        "ix_customer_ref_created_at", "customer_ref", ["created_at", "id"], unique=False
    )
    op.create_table(
        "loss",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loss")),
    )
    op.create_index("ix_loss_customer_id", "loss", ["customer_id"], unique=False)
    op.create_index("ix_loss_lost_at", "loss", ["lost_at", "id"], unique=False)
    op.create_table(
        "opportunity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("success_rate", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity")),
    )
    op.create_index("ix_opportunity_assignee_id", "opportunity", ["assignee_id"], unique=False)
    op.create_index("ix_opportunity_created_at", "opportunity", ["created_at", "id"], unique=False)
    op.create_index("ix_opportunity_amount", "opportunity", ["amount", "id"], unique=False)
    op.create_index("ix_opportunity_closed_at", "opportunity", ["closed_at", "id"], unique=False)
    op.create_index("ix_opportunity_number", "opportunity", ["number", "id"], unique=False)
    op.create_index("ix_opportunity_created_by", "opportunity", ["created_by"], unique=False)
    op.create_table(
        "reactivation",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("reactivated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "reactivated_at", name=op.f("pk_reactivation")),
    )
    op.create_table(
        "sale",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("profit", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale")),
    )
    op.create_index(
        "ix_sale_customer_id_occurred_at", "sale", ["customer_id", "occurred_at"], unique=False
    )
    op.create_index("ix_sale_occurred_at", "sale", ["occurred_at", "id"], unique=False)
    op.create_index("ix_sale_amount", "sale", ["amount", "id"], unique=False)
    op.create_table(
        "service_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_request")),
    )
    op.create_index(
        "ix_service_request_created_at", "service_request", ["created_at", "id"], unique=False
    )
    op.create_index("ix_service_request_number", "service_request", ["number", "id"], unique=False)
    op.create_index(
        "ix_service_request_customer_id", "service_request", ["customer_id"], unique=False
    )
    op.create_table(
        "stage_change",
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_stage", sa.Text(), nullable=False),
        sa.Column("from_stage", sa.Text(), nullable=True),
        sa.Column("seconds_in_from_stage", sa.Integer(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "opportunity_id", "changed_at", "to_stage", name=op.f("pk_stage_change")
        ),
    )
