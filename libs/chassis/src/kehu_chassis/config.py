"""Configuration: read from the environment and validated once, when a process starts.

A missing or malformed variable ends the process with one line that names it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from environs import Env, EnvError

from kehu_chassis.money import is_currency

T = TypeVar("T")
DRAIN_SECONDS = 5.0
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

# In a checkout the contracts lie beside libs/; an image sets KEHU_CONTRACTS.
_CONTRACTS_IN_CHECKOUT = Path(__file__).resolve().parents[4] / "contracts"


@dataclass(frozen=True)
class Settings:
    """The configuration of every service process; the broker's address is separate."""

    database_url: str
    auth_url: str
    bind: str
    probe_bind: str | None
    contracts: Path
    timezone: ZoneInfo
    currency: str
    log_level: str
    workers: int
    threads: int
    drain_seconds: float
    otlp_endpoint: str | None = None


@dataclass(frozen=True)
class Broker:
    """The broker's address for one service.

    ``shared_login`` is the login in it where all services have the same one, otherwise None.
    """

    url: str
    shared_login: str | None = None


def read_or_exit(read: Callable[[Env], T]) -> T:
    """Run ``read`` on the environment; end the process with one clear line if it fails."""
    env = Env(eager=True)
    try:
        return read(env)
    except (EnvError, ValueError, ZoneInfoNotFoundError) as error:
        print(f"kehu: configuration: {error}", file=sys.stderr)
        raise SystemExit(78) from None  # EX_CONFIG of sysexits.h


def settings() -> Settings:
    """The settings of this process; exits with a line that names the invalid variable."""
    return read_or_exit(_read)


def broker(service: str) -> Broker:
    """KEHU_AMQP_URL, required only of the processes that connect to the broker.

    Its login must be the service's name, which consumers require of the publisher of an event,
    unless KEHU_AMQP_SHARED_LOGIN states that the broker has one login for all.
    """
    return read_or_exit(lambda env: _broker(env, service))


def shares_broker_login() -> bool:
    """KEHU_AMQP_SHARED_LOGIN: whether the broker has one login for all services."""
    return read_or_exit(_shares_login)


def _shares_login(env: Env) -> bool:
    return bool(env.bool("KEHU_AMQP_SHARED_LOGIN", False))


def _broker(env: Env, service: str) -> Broker:
    url = _url(env, "KEHU_AMQP_URL", ("amqp", "amqps"))
    login = unquote(urlsplit(url).username or "guest")  # RabbitMQ's default
    if _shares_login(env):
        return Broker(url, login)
    if login != service:
        raise ValueError(
            f"KEHU_AMQP_URL: must log in as {service}, not as {login}; if the broker has only one"
            " login, set KEHU_AMQP_SHARED_LOGIN=true: then nothing prevents a service from"
            " publishing in another's name"
        )
    return Broker(url)


def _read(env: Env) -> Settings:
    return Settings(
        database_url=_url(env, "KEHU_DATABASE_URL", ("postgresql",)),
        auth_url=_url(env, "KEHU_AUTH_URL", ("http", "https")).rstrip("/"),
        bind=_checked(env.str("KEHU_BIND", "0.0.0.0:8000"), "KEHU_BIND", _is_address),
        probe_bind=_checked(
            env.str("KEHU_PROBE_BIND", "") or None,
            "KEHU_PROBE_BIND",
            lambda value: value is None or _is_address(value),
        ),
        contracts=contracts_path(env),
        timezone=_timezone(env),
        currency=_checked(env.str("KEHU_CURRENCY", "CNY"), "KEHU_CURRENCY", is_currency),
        log_level=_checked(
            env.str("KEHU_LOG_LEVEL", "INFO").upper(), "KEHU_LOG_LEVEL", _LEVELS.__contains__
        ),
        workers=_checked(env.int("KEHU_WORKERS", 1), "KEHU_WORKERS", _is_positive),
        threads=threads(env),
        drain_seconds=drain_seconds(env),
        otlp_endpoint=otlp_endpoint(env),
    )


def threads(env: Env) -> int:
    """KEHU_THREADS: how many requests a process of an API serves at once."""
    count: int = _checked(env.int("KEHU_THREADS", 8), "KEHU_THREADS", _is_positive)
    return count


def drain_seconds(env: Env) -> float:
    """KEHU_DRAIN_SECONDS: how long a server serves after SIGTERM, so that callers can move."""
    seconds: float = env.float("KEHU_DRAIN_SECONDS", DRAIN_SECONDS)
    return float(_checked(seconds, "KEHU_DRAIN_SECONDS", lambda value: 0 <= value <= 3600))


def otlp_endpoint(env: Env) -> str | None:
    """Where traces are sent, from the standard OpenTelemetry variable; None: nowhere."""
    name = "OTEL_EXPORTER_OTLP_ENDPOINT"
    return _url(env, name, ("http", "https")) if env.str(name, "") else None


def contracts_path(env: Env) -> Path:
    """The folder of the contracts: KEHU_CONTRACTS, or that of this checkout."""
    path = Path(env.str("KEHU_CONTRACTS", str(_CONTRACTS_IN_CHECKOUT)))
    if not (path / "events").is_dir():
        raise ValueError(f"KEHU_CONTRACTS: {path} has no folder 'events'")
    return path


def _url(env: Env, name: str, schemes: tuple[str, ...]) -> str:
    value: str = env.str(name)
    # Never print the value: it may hold a password.
    if value.split("://")[0] not in schemes or "://" not in value:
        raise ValueError(f"{name}: must be a URL starting with {' or '.join(schemes)}://")
    try:
        parts = urlsplit(value)
        complete = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        complete = False
    if not complete:
        raise ValueError(f"{name}: must name a host; a port must be from 1 to 65535")
    return value


def _timezone(env: Env) -> ZoneInfo:
    name = env.str("KEHU_TIMEZONE", "Asia/Shanghai")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"KEHU_TIMEZONE: no such time zone: {name}") from None


def _is_address(value: str) -> bool:
    host, _, port = value.rpartition(":")
    return bool(host) and port.isascii() and port.isdigit() and 0 < int(port) < 65536


def _is_positive(value: int) -> bool:
    return value > 0


def _checked(value: Any, name: str, test: Callable[[Any], bool]) -> Any:
    if not test(value):
        raise ValueError(f"{name}: not valid: {value}")
    return value
