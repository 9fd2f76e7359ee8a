"""Indexes of the searchable texts that an earlier release wrote, and of folded names."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_opportunity_search_outdated",
        "opportunity",
        ["id"],
        unique=False,
        postgresql_where=sa.text("right(search_text, 1) <> chr(10)"),
    )
    for column in ("region", "industry", "source"):
        _folded_index("opportunity", column)


def _folded_index(table: str, column: str) -> None:
    """As `folded_index` of the chassis when this was written."""
    folded = f"lower(normalize({column}, NFKC))"
    for lowered, fold in (("i\N{COMBINING DOT ABOVE}", "i"), ("ß", "ss"), ("ς", "σ")):
        folded = f"replace({folded}, '{lowered}', '{fold}')"
    op.create_index(f"ix_{table}_{column}_folded", table, [sa.text(folded)], unique=False)
