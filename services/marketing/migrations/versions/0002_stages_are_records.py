"""Stages become records with an id and a version, so that their state can be published."""

from uuid import NAMESPACE_URL, UUID, uuid5

import sqlalchemy as sa
from alembic import op

from kehu_chassis.data import tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# An id is made from the code, so that a stage has the same one in every installation.
STAGES = uuid5(NAMESPACE_URL, "urn:kehu:stage")
NEW_COLUMNS = {
    "id": sa.Uuid(),
    "created_at": sa.DateTime(timezone=True),
    "created_by": sa.Uuid(),
    "updated_at": sa.DateTime(timezone=True),
    "updated_by": sa.Uuid(),
    "version": sa.Integer(),
}
HANDLERS = {
    "features.customers.consumers.customer_changed": "replica.customer_ref",
    "features.customers.consumers.customer_deleted": "replica.customer_ref.deleted",
}


def upgrade() -> None:
    for name, kind in NEW_COLUMNS.items():
        op.add_column("stage", sa.Column(name, kind, nullable=True))
    fill = sa.text(
        "UPDATE stage SET id = :id, created_at = now(), created_by = :system,"
        " updated_at = now(), updated_by = :system, version = 1 WHERE code = :code"
    ).bindparams(sa.bindparam("id", type_=sa.Uuid()), sa.bindparam("system", type_=sa.Uuid()))
    connection = op.get_bind()
    for code in connection.scalars(sa.text("SELECT code FROM stage")).all():
        values = {"id": uuid5(STAGES, code), "system": UUID(int=0), "code": code}
        connection.execute(fill, values)
    for name in NEW_COLUMNS:
        op.alter_column("stage", name, nullable=False)
    op.drop_constraint("pk_stage", "stage")
    op.create_primary_key("pk_stage", "stage", ["id"])
    op.create_unique_constraint("uq_stage_code", "stage", ["code"])
    tables.rename_handlers(op, HANDLERS)
