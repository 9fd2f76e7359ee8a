"""An index of the searchable texts that an earlier release wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_service_request_search_outdated",
        "service_request",
        ["id"],
        unique=False,
        postgresql_where=sa.text("right(search_text, 1) <> chr(10)"),
    )
