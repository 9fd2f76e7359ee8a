"""Stages."""

from sqlalchemy.orm import Mapped, mapped_column

from kehu_marketing.database import Base


class Stage(Base):
    """One stage; code asks for its type, never for its label."""

    __tablename__ = "stage"

    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    type: Mapped[str]  # open, won, lost
    probability: Mapped[int]
    label_zh: Mapped[str]
    label_en: Mapped[str]
