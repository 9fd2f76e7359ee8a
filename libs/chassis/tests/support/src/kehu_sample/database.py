"""The base of the notes' tables."""

from sqlalchemy.orm import DeclarativeBase

from kehu_chassis.data.database import TYPES, new_metadata


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = TYPES
