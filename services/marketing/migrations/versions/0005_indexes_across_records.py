"""Indexes for counts, the board and the plan items of all opportunities."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_opportunity_stage", "opportunity", ["stage"], unique=False)
    op.create_index(
        "ix_opportunity_board",
        "opportunity",
        ["stage", "currency"],
        unique=False,
        postgresql_include=["expected_amount", "created_by", "assignee_id"],
        postgresql_where=sa.text("status = 'developing'"),
    )
    op.create_index("ix_plan_item_date_id", "plan_item", ["date", "id"], unique=False)
    op.create_index(
        "ix_plan_item_state_date_id", "plan_item", ["state", "date", "id"], unique=False
    )
