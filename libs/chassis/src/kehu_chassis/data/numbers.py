"""Record numbers such as ``KH-2026-000123``: assigned by the system, gapless per year."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Mapped, Session, mapped_column

from kehu_chassis import clock
from kehu_chassis.data.database import Base


class NumberRow(Base):
    """The last number assigned for a prefix and year."""

    __tablename__ = "record_number"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


_NEXT = text("""
    INSERT INTO record_number AS n (prefix, year, last) VALUES (:prefix, :year, :count)
    ON CONFLICT (prefix, year) DO UPDATE SET last = n.last + :count
    RETURNING last
""")


def next_numbers(session: Session, prefix: str, count: int = 1) -> list[str]:
    """The next ``count`` numbers of a prefix, in order.

    The row stays locked until the transaction ends, which makes the numbers gapless; call this as
    late in a use case as possible.
    """
    year = clock.today().year
    last = session.execute(_NEXT, {"prefix": prefix, "year": year, "count": count}).scalar_one()
    return [f"{prefix}-{year}-{number:06d}" for number in range(last - count + 1, last + 1)]
