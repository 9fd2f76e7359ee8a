"""The sums of each customer's sales by year and over all time.

Orders that a consumer of the previous release stores after this migration are added to them with
the next event about the same customer; ``resync customer`` adds up all of them.
"""

import sqlalchemy as sa
from alembic import op

from kehu_chassis import clock

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FILL = """
    INSERT INTO sale_sum (
        customer_id, currency, year, orders, ordered, returned, amount, profit, orders_with_profit
    )
    SELECT customer_id, currency, coalesce(year, 0), count(*) FILTER (WHERE kind = 'order'),
        coalesce(sum(amount) FILTER (WHERE kind = 'order'), 0.00),
        -coalesce(sum(amount) FILTER (WHERE kind <> 'order'), 0.00),
        sum(amount), sum(profit), count(profit)
    FROM (
        SELECT *, extract(year FROM occurred_at AT TIME ZONE :zone) AS year FROM sale
        WHERE customer_id IS NOT NULL AND (kind = 'return' OR status IN (5, 6))
    ) AS sales
    GROUP BY GROUPING SETS ((customer_id, currency), (customer_id, currency, year))
"""


def upgrade() -> None:
    op.create_table(
        "sale_sum",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("ordered", sa.Numeric(), nullable=False),
        sa.Column("returned", sa.Numeric(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("profit", sa.Numeric(), nullable=True),
        sa.Column("orders_with_profit", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "currency", "year", name=op.f("pk_sale_sum")),
    )
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute(sa.text(FILL).bindparams(zone=clock.timezone().key))
    op.create_index(
        "ix_sale_sum_amount",
        "sale_sum",
        ["year", "currency", sa.text("amount DESC NULLS LAST"), "customer_id"],
    )
