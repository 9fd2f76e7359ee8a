"""System settings in this service: defaults from the contract, changes by event.

``contracts/settings.json`` documents every setting: key, type, default, limits, description. auth
owns the values and publishes changes as ``auth.setting-changed.v1``.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from kehu_chassis.data.database import Base
from kehu_chassis.messaging.events import Received
from kehu_chassis.messaging.inbox import On
from kehu_chassis.messaging.versions import known


class SettingRow(Base):
    """A setting that was changed from its default."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    version: Mapped[int]


@cache
def catalogue(contracts: Path) -> dict[str, dict[str, Any]]:
    """Every setting by key, as documented in the contract."""
    return {entry["key"]: entry for entry in json.loads((contracts / "settings.json").read_text())}


def get(session: Session, key: str) -> Any:
    """The current value of a setting; KeyError for one that the contract does not define."""
    default = catalogue(session.info["contracts"].path)[key]["default"]
    row = session.get(SettingRow, key)
    return default if row is None else row.value


def setting_changed(session: Session, event: Received) -> None:
    """Mirror a changed setting, unless a newer change is already stored."""
    row = insert(SettingRow).values(
        key=event.data["key"], value=event.data["value"], version=event.version
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["key"],
            set_={"value": row.excluded.value, "version": row.excluded.version},
            where=SettingRow.version <= row.excluded.version,
        )
    )


SUBSCRIPTIONS = [On("auth.setting-changed.v1", setting_changed)]
VERSIONS = [known("auth.setting-changed.v1", select(SettingRow.key, SettingRow.version))]
