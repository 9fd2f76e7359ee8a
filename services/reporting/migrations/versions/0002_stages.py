"""The stages of the pipeline, as marketing publishes them; replicas name their handlers."""

import sqlalchemy as sa
from alembic import op

from kehu_chassis.data import tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HANDLERS = {
    "features.customers.consumers.customer_changed": "replica.customer_ref",
    "features.customers.consumers.customer_deleted": "replica.customer_ref.deleted",
    "features.churn.consumers.warning_changed": "replica.churn_warning",
    "features.funnel.consumers.opportunity_changed": "replica.opportunity",
    "features.funnel.consumers.opportunity_deleted": "replica.opportunity.deleted",
    "features.requests.consumers.request_changed": "replica.service_request",
}


def upgrade() -> None:
    op.create_table(
        "stage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("label_zh", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
    )
    tables.rename_handlers(op, HANDLERS)
