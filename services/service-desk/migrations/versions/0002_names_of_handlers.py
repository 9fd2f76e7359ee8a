"""Handlers have other names."""

from alembic import op

from kehu_chassis.data import tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tables.rename_handlers(
        op,
        {"features.customers.consumers.customer_deleted": "replica.customer_ref.deleted"},
    )
