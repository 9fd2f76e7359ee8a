"""Alembic's entry point; everything is in the chassis."""

from kehu_chassis.runtime.migrate import run_environment
from kehu_notes.database import Base

run_environment(Base.metadata)
