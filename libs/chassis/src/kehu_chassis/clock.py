"""The one source of the present moment, so that tests can play the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_timezone = ZoneInfo("Asia/Shanghai")


def use_timezone(timezone: ZoneInfo) -> None:
    """Set the company's time zone (KEHU_TIMEZONE), of business dates."""
    global _timezone
    _timezone = timezone


def timezone() -> ZoneInfo:
    """The company's time zone."""
    return _timezone


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today(timezone: ZoneInfo | None = None) -> date:
    """The business date in the company's time zone, or in another one."""
    return now().astimezone(timezone or _timezone).date()


def local_day(moment: datetime) -> date:
    """The business date of a moment."""
    return moment.astimezone(_timezone).date()
