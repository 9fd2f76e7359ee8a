"""Indexes of the searchable texts that an earlier release wrote, and of folded names; İ is an i."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_customer_search_outdated",
        "customer",
        ["id"],
        unique=False,
        postgresql_where=sa.text("right(search_text, 1) <> chr(10)"),
    )
    op.create_index(
        "ix_contact_search_outdated",
        "contact",
        ["id"],
        unique=False,
        postgresql_where=sa.text("right(search_text, 1) <> chr(10)"),
    )
    op.create_index(
        "ix_product_search_outdated",
        "product",
        ["id"],
        unique=False,
        postgresql_where=sa.text("right(search_text, 1) <> chr(10)"),
    )
    # `normalise` keeps the dot of İ no longer.
    op.execute(
        "UPDATE customer SET name_key = replace(name_key, U&'i\\0307', 'i')"
        " WHERE strpos(name_key, U&'i\\0307') > 0"
    )
    for column in ("region", "industry", "source", "type"):
        _folded_index("customer", column)


def _folded_index(table: str, column: str) -> None:
    """As `folded_index` of the chassis when this was written."""
    folded = f"lower(normalize({column}, NFKC))"
    for lowered, fold in (("i\N{COMBINING DOT ABOVE}", "i"), ("ß", "ss"), ("ς", "σ")):
        folded = f"replace({folded}, '{lowered}', '{fold}')"
    op.create_index(f"ix_{table}_{column}_folded", table, [sa.text(folded)], unique=False)
