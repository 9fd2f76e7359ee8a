"""Alembic's entry point; everything is in the chassis."""

from kehu_sample.database import Base

from kehu_chassis.runtime.migrate import run_environment

run_environment(Base.metadata)
