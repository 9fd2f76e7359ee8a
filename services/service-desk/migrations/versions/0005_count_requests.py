"""An index for counting requests by status."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_service_request_status", "service_request", ["status"], unique=False)
