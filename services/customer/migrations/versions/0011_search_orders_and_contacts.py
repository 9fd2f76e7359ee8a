"""Search and list the orders and contacts of all customers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The defaults are for the previous release, which records orders while this runs; the job
    # index-orders makes them findable.
    op.add_column(
        "sales_order", sa.Column("search_text", sa.Text(), nullable=False, server_default="")
    )
    op.add_column(
        "sales_order",
        sa.Column("search_grams", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"),
    )
    op.create_index(
        "ix_sales_order_search_grams",
        "sales_order",
        ["search_grams"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_sales_order_search_outdated",
        "sales_order",
        ["id"],
        unique=False,
        postgresql_where=sa.text("right(search_text, 1) <> chr(10)"),
    )
    op.create_index("ix_sales_order_ordered_at", "sales_order", ["ordered_at", "id"], unique=False)
    op.create_index("ix_sales_order_status", "sales_order", ["status"], unique=False)
    op.create_index("ix_sales_order_currency", "sales_order", ["currency"], unique=False)
    op.create_index("ix_contact_created_at", "contact", ["created_at", "id"], unique=False)
    op.create_index("ix_contact_name", "contact", ["name", "id"], unique=False)
    for column in ("category", "department"):
        _folded_index("contact", column)


def _folded_index(table: str, column: str) -> None:
    """As `folded_index` of the chassis when this was written."""
    folded = f"lower(normalize({column}, NFKC))"
    for lowered, fold in (("i\N{COMBINING DOT ABOVE}", "i"), ("ß", "ss"), ("ς", "σ")):
        folded = f"replace({folded}, '{lowered}', '{fold}')"
    op.create_index(f"ix_{table}_{column}_folded", table, [sa.text(folded)], unique=False)
