"""The base of this service's tables."""

from typing import Any, ClassVar

from sqlalchemy.orm import DeclarativeBase

from kehu_chassis.data.database import TYPES, new_metadata


class Base(DeclarativeBase):
    """Base of every table of the notes service."""

    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES
