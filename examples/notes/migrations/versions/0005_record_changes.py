"""What changed in a record, for those who may read it."""

from alembic import op

from kehu_chassis.data import tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tables.record_changes_v5(op)
