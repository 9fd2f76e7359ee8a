"""Registration numbers get the key by which they are compared, codes what decided their customer,
orders and returns how often they moved; replicas of requests and opportunities."""

import unicodedata
import uuid

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SELECT = sa.text("""
    SELECT id, registration_no FROM customer
    WHERE registration_no IS NOT NULL AND id > :after ORDER BY id LIMIT 5000
""")
UPDATE = sa.text("UPDATE customer SET registration_key = :key WHERE id = :id")


def upgrade() -> None:
    op.create_table(
        "opportunity_ref",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity_ref")),
    )
    op.create_index(
        op.f("ix_opportunity_ref_customer_id"), "opportunity_ref", ["customer_id"], unique=False
    )
    op.create_table(
        "request_ref",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_ref")),
    )
    op.create_index(
        op.f("ix_request_ref_customer_id"), "request_ref", ["customer_id"], unique=False
    )
    op.add_column("customer", sa.Column("registration_key", sa.Text(), nullable=True))
    op.create_index("ix_customer_registration_key", "customer", ["registration_key"], unique=False)
    op.add_column("sales_account", sa.Column("decided_by", sa.Text(), nullable=True))
    op.add_column(
        "sales_order", sa.Column("moves", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "sales_return", sa.Column("moves", sa.Integer(), server_default="0", nullable=False)
    )
    fill_keys(op.get_bind())


def fill_keys(connection: sa.Connection) -> None:
    """Fill the keys of existing customers, batch by batch; several may have the same one."""
    after = uuid.UUID(int=0)
    while rows := connection.execute(SELECT, {"after": after}).all():
        after = rows[-1].id
        keys = [{"id": row.id, "key": _key(row.registration_no)} for row in rows]
        connection.execute(UPDATE, keys)


def _key(registration_no: str) -> str | None:
    # As `registration_key` in the rules of customers when this was written.
    normal = unicodedata.normalize("NFKC", registration_no).casefold()
    return "".join(filter(str.isalnum, normal)) or None
