"""Amounts keep the decimals of their currencies, of which some have three or four.

Without a precision no row is rewritten: the lock is held for a moment at any size.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AMOUNTS = {
    "opportunity": ("expected_amount", "amount"),
}


def upgrade() -> None:
    for table, columns in AMOUNTS.items():
        for column in columns:
            op.alter_column(table, column, type_=sa.Numeric(), existing_type=sa.Numeric(18, 2))
