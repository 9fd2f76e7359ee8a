"""A stored response names the record that it shows."""

from alembic import op

from kehu_chassis.data import tables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tables.record_of_response_v4(op)
