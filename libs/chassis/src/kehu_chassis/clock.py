"""The only source of the current time, so that tests can set the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_timezone = ZoneInfo("Asia/Shanghai")


def use_timezone(timezone: ZoneInfo) -> None:
    """Set the company's time zone (KEHU_TIMEZONE), used for business dates."""
    global _timezone
    _timezone = timezone


def timezone() -> ZoneInfo:
    """The company's time zone."""
    return _timezone


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def today(timezone: ZoneInfo | None = None) -> date:
    """The business date in the company's time zone, or in another one."""
    return now().astimezone(timezone or _timezone).date()


def local_day(timestamp: datetime) -> date:
    """The business date of a timestamp."""
    return timestamp.astimezone(_timezone).date()
