"""An index of the searchable texts that an earlier release wrote; names by one spelling of İ."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_user_search_outdated",
        "user",
        ["id"],
        unique=False,
        postgresql_where=sa.text("right(search_text, 1) <> chr(10)"),
    )
    op.create_index(
        "ix_department_search_outdated",
        "department",
        ["id"],
        unique=False,
        postgresql_where=sa.text("right(search_text, 1) <> chr(10)"),
    )
    # `normalise` keeps the dot of İ no longer. A department with a namesake stays as it is.
    op.execute("""
        UPDATE department SET name_key = replace(name_key, U&'i\\0307', 'i')
        WHERE strpos(name_key, U&'i\\0307') > 0 AND NOT EXISTS (
            SELECT FROM department AS twin
            WHERE twin.parent_id IS NOT DISTINCT FROM department.parent_id
            AND twin.name_key = replace(department.name_key, U&'i\\0307', 'i')
        )
    """)
