"""Many rows by one statement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import pytest
from kehu_sample.features.notes.models import Note
from sqlalchemy import Text, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from kehu_chassis.data.bulk import insert_rows, one_of
from kehu_chassis.data.database import TYPES, new_id, new_metadata
from kehu_chassis.testing import Harness

MOMENT = datetime(2026, 3, 1, 23, 59, 59, 123456, tzinfo=UTC)


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class Parcel(Base):
    """A table with a column of each kind that our tables have."""

    __tablename__ = "order"  # a word that SQL reserves

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    weight: Mapped[Decimal | None]
    pieces: Mapped[int]
    fragile: Mapped[bool]
    sent_on: Mapped[date | None]
    sent_at: Mapped[datetime]
    marks: Mapped[list[str]] = mapped_column(ARRAY(Text))
    owners: Mapped[list[UUID]] = mapped_column(ARRAY(TYPES[UUID]))
    papers: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    renamed: Mapped[str | None] = mapped_column("former_name", key="renamed")


@pytest.fixture
def table(harness: Harness) -> Iterator[None]:
    Base.metadata.create_all(harness.database.engine)
    yield
    Base.metadata.drop_all(harness.database.engine)


def _row(**given: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "name": 'a "quoted"\n\\name, 客户 {x}',
        "weight": Decimal("0.100"),
        "pieces": 2**31 - 1,
        "fragile": True,
        "sent_on": date(2026, 2, 28),
        "sent_at": MOMENT,
        "marks": ["", "NULL", 'a,"b"', "\\", "客"],
        "owners": [UUID(int=1)],
        "papers": {"a": [1, None, "x"], "b": {"c": "客"}},
        "renamed": "former",
        **given,
    }


@pytest.mark.usefixtures("table")
def test_every_kind_of_value_arrives_as_it_was(harness: Harness) -> None:
    rows = [
        _row(),
        _row(weight=None, sent_on=None, papers=None, renamed=None, marks=[], owners=[]),
        _row(weight=Decimal("12345678901234567890.123456789"), papers={}),
    ]
    with harness.session() as session:
        session.execute(insert_rows(Parcel, rows))
    with harness.session() as session:
        stored = {one.id: one for one in session.scalars(select(Parcel))}
    for row in rows:
        found = stored[row["id"]]
        assert {name: getattr(found, name) for name in row} == row
        assert str(found.weight) == str(row["weight"]), "the decimals are kept"


@pytest.mark.usefixtures("table")
def test_rows_are_inserted_in_their_order_and_conflicts_are_left_out(harness: Harness) -> None:
    rows = [_row(pieces=number) for number in range(300)]
    again = [rows[7] | {"pieces": 1000}, _row(pieces=2000)]
    with harness.session() as session:
        returned = session.scalars(insert_rows(Parcel, rows).returning(Parcel.pieces)).all()
        statement = insert_rows(Parcel, again).on_conflict_do_nothing().returning(Parcel)
        [added] = session.scalars(statement)
        assert (added.pieces, added.marks) == (2000, rows[0]["marks"])
    assert returned == list(range(300))


def test_a_published_record_is_not_inserted_without_its_event(harness: Harness) -> None:
    row = {"id": new_id(), "title": "one"}
    with harness.session() as session, pytest.raises(RuntimeError, match="bulk statement on Note"):
        session.execute(insert_rows(Note, [row]))


def test_a_value_without_json_form_is_an_error(harness: Harness) -> None:
    with pytest.raises(TypeError, match="not JSON serializable: object"):
        insert_rows(Parcel, [_row(name=object())])


@pytest.mark.usefixtures("table")
def test_rows_are_found_by_one_of_many_values(harness: Harness) -> None:
    rows = [_row(pieces=number, name=f'no. {number} "x"') for number in range(20)]
    with harness.session() as session:
        session.execute(insert_rows(Parcel, rows))
        for column, name in ((Parcel.id, "id"), (Parcel.name, "name"), (Parcel.pieces, "pieces")):
            wanted = {row[name] for row in rows[3:9]}
            found = session.scalars(select(column).where(one_of(column, wanted)))
            assert set(found) == wanted
        assert not session.scalars(select(Parcel.id).where(one_of(Parcel.id, []))).all()
