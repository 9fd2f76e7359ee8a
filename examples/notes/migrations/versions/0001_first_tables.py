"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kehu_chassis.data import tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _of_every_record() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    ]


def upgrade() -> None:
    tables.create_v1(op)
    op.create_table(
        "topic_ref",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_ref")),
    )
    op.create_table(
        "note",
        *_of_every_record(),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("search_grams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index("ix_note_search_grams", "note", ["search_grams"], postgresql_using="gin")
    op.create_index("ix_note_created_at", "note", ["created_at", "id"])
    op.create_index("ix_note_title", "note", ["title", "id"])
    op.create_index(op.f("ix_note_topic_id"), "note", ["topic_id"])
    op.create_index(op.f("ix_note_assignee_id"), "note", ["assignee_id"])
    op.create_table(
        "comment",
        *_of_every_record(),
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sa.ForeignKeyConstraint(
            ["note_id"], ["note.id"], name=op.f("fk_comment_note_id_note"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_comment_note_id"), "comment", ["note_id"])
