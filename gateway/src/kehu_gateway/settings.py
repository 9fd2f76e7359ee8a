"""Configuration of the gateway: read from the environment and validated once, at start."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env

from kehu_chassis.config import DRAIN_SECONDS, drain_seconds, otlp_endpoint

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# As they lie in a checkout; an image sets KEHU_CONTRACTS and KEHU_CONSOLE.
_CONTRACTS_IN_CHECKOUT = Path(__file__).resolve().parents[3] / "contracts"
_CONSOLE_IN_CHECKOUT = Path(__file__).resolve().parents[2] / "console" / "dist"


@dataclass(frozen=True)
class Settings:
    """The gateway's configuration."""

    contracts: Path
    auth_url: str
    service_urls: Mapping[str, str]
    internal_key: str
    console: Path = _CONSOLE_IN_CHECKOUT
    require_https: bool = False
    bind: str = "0.0.0.0:8000"
    probe_bind: str | None = None
    log_level: str = "INFO"
    workers: int = 1
    threads: int = 32
    trusted_proxies: tuple[Network, ...] = ()
    caller_rate: float = 1000.0
    caller_burst: float = 5000.0
    address_rate: float = 500.0
    address_burst: float = 2000.0
    address_connections: int = 256
    max_body: int = 1024 * 1024
    upstream_seconds: float = 30.0
    drain_seconds: float = DRAIN_SECONDS
    otlp_endpoint: str | None = None


def read(env: Env) -> Settings:
    """Return the settings of this process; EnvError or ValueError names the variable at fault."""
    contracts = _contracts(env)
    service_urls = {
        path.stem: _url(env, variable_of(path.stem))
        for path in sorted((contracts / "openapi").glob("*.json"))
    }
    bind = _address("KEHU_BIND", env.str("KEHU_BIND", "0.0.0.0:8000"))
    probe_bind = _optional_address(env, "KEHU_PROBE_BIND")
    if probe_bind and split_address(probe_bind)[1] == split_address(bind)[1]:
        # Only the port tells which of the two addresses received a request.
        raise ValueError("KEHU_PROBE_BIND: must have another port than KEHU_BIND")
    return Settings(
        contracts=contracts,
        auth_url=_url(env, "KEHU_AUTH_URL"),
        service_urls=service_urls,
        internal_key=_internal_key(env),
        console=Path(env.str("KEHU_CONSOLE", "") or _CONSOLE_IN_CHECKOUT),
        require_https=env.bool("KEHU_REQUIRE_HTTPS", False),
        bind=bind,
        probe_bind=probe_bind,
        log_level=_log_level(env.str("KEHU_LOG_LEVEL", "INFO")),
        workers=_positive("KEHU_WORKERS", env.int("KEHU_WORKERS", 1)),
        threads=_positive("KEHU_THREADS", env.int("KEHU_THREADS", 32)),
        trusted_proxies=_networks(env),
        caller_rate=_rate(env, "KEHU_CALLER_RATE", 1000.0),
        caller_burst=_rate(env, "KEHU_CALLER_BURST", 5000.0),
        address_rate=_rate(env, "KEHU_ADDRESS_RATE", 500.0),
        address_burst=_rate(env, "KEHU_ADDRESS_BURST", 2000.0),
        address_connections=_positive(
            "KEHU_ADDRESS_CONNECTIONS", env.int("KEHU_ADDRESS_CONNECTIONS", 256)
        ),
        max_body=_positive("KEHU_MAX_BODY", env.int("KEHU_MAX_BODY", 1024 * 1024)),
        upstream_seconds=_rate(env, "KEHU_UPSTREAM_SECONDS", 30.0),
        drain_seconds=drain_seconds(env),
        otlp_endpoint=otlp_endpoint(env),
    )


def variable_of(service: str) -> str:
    """Return the variable of a service's base URL: KEHU_SERVICE_DESK_URL for service-desk."""
    return f"KEHU_{service.upper().replace('-', '_')}_URL"


def split_address(address: str) -> tuple[str, int]:
    """Return host and port of ``host:port``; an IPv6 host is in brackets."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"must be host:port, not {address!r}")
    return host, int(port)


def _contracts(env: Env) -> Path:
    path = Path(env.str("KEHU_CONTRACTS", str(_CONTRACTS_IN_CHECKOUT)))
    if not any((path / "openapi").glob("*.json")):
        raise ValueError(f"KEHU_CONTRACTS: {path} holds no openapi/*.json")
    return path


def _url(env: Env, name: str) -> str:
    value: str = env.str(name).rstrip("/")
    parts = urlsplit(value)
    try:
        fits = parts.scheme == "http" and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        fits = False
    if not fits or parts.path or parts.query or parts.username is not None:
        raise ValueError(f"{name}: must be http://host:port without a path")
    return value


def _internal_key(env: Env) -> str:
    key: str = env.str("KEHU_INTERNAL_KEY").strip()
    if not key or not key.isascii() or not key.isprintable():
        # It travels in a header.
        raise ValueError("KEHU_INTERNAL_KEY: must be printable ASCII characters, and not empty")
    return key


def _address(name: str, value: str) -> str:
    try:
        split_address(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    return value


def _optional_address(env: Env, name: str) -> str | None:
    value: str = env.str(name, "")
    return _address(name, value) if value else None


def _log_level(value: str) -> str:
    if value.upper() not in logging.getLevelNamesMapping():
        raise ValueError(f"KEHU_LOG_LEVEL: no such level: {value}")
    return value.upper()


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise ValueError(f"{name}: must be at least 1")
    return value


def _rate(env: Env, name: str, default: float) -> float:
    value: float = env.float(name, default)
    if not 0 < value < float("inf"):
        raise ValueError(f"{name}: must be a positive number")
    return value


def _networks(env: Env) -> tuple[Network, ...]:
    try:
        return tuple(
            ipaddress.ip_network(part.strip())
            for part in env.str("KEHU_TRUSTED_PROXIES", "").split(",")
            if part.strip()
        )
    except ValueError as error:
        raise ValueError(f"KEHU_TRUSTED_PROXIES: {error}") from None
