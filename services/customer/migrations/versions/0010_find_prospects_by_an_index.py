"""Find prospects by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_customer_is_prospect",
        "customer",
        ["created_at", "id"],
        unique=False,
        postgresql_where=sa.text("is_prospect"),
    )
