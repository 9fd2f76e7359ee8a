"""An index for counting customers by status."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_customer_status", "customer", ["status"], unique=False)
