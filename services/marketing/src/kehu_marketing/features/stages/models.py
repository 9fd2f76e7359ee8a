"""Stages."""

from sqlalchemy.orm import Mapped, mapped_column

from kehu_chassis.data import columns
from kehu_chassis.records import PublishedState, Record
from kehu_marketing.database import Base


class Stage(Record, Base):
    """One stage; code depends on its type, never on its label."""

    __tablename__ = "stage"
    __state__ = PublishedState("marketing.stage-changed.v1", inside=("created_at", "created_by"))

    code: Mapped[str] = mapped_column(unique=True)  # by which opportunities name it
    position: Mapped[int]
    type: Mapped[str] = columns.code("open", "won", "lost")
    probability: Mapped[int] = columns.described(mapped_column(), "Percent.")
    label_zh: Mapped[str]
    label_en: Mapped[str]
