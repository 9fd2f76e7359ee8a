"""The content of received events, and the publishers and codes of failed ones."""

from alembic import op

from kehu_chassis.data import tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tables.identify_events_v3(op)
