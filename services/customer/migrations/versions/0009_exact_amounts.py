"""Amounts keep the decimals of their currencies, of which some have three or four.

Without a precision no row is rewritten: the lock is held for a moment at any size.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

AMOUNTS = {
    "customer": ("registered_capital", "annual_turnover"),
    "sales_order": ("discount", "freight", "tax", "total", "profit", "paid_amount"),
    "sales_return": ("total",),
}


def upgrade() -> None:
    for table, columns in AMOUNTS.items():
        for column in columns:
            op.alter_column(table, column, type_=sa.Numeric(), existing_type=sa.Numeric(18, 2))
