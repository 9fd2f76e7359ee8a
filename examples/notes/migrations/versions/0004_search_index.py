"""An index of the searchable texts that an earlier release wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_note_search_outdated",
        "note",
        ["id"],
        unique=False,
        postgresql_where=sa.text("right(search_text, 1) <> chr(10)"),
    )
