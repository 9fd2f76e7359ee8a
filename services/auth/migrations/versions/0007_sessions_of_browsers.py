"""Sessions of browsers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("login_session", sa.Column("secret_hash", sa.Text(), nullable=True))
    op.create_unique_constraint(
        op.f("uq_login_session_secret_hash"), "login_session", ["secret_hash"]
    )
