"""``python -m kehu_gateway [api]``: serve until SIGTERM."""

from __future__ import annotations

import argparse

from kehu_chassis.config import read_or_exit
from kehu_chassis.observability import logs, tracing
from kehu_chassis.runtime import launcher
from kehu_gateway.settings import Settings, read


def main() -> None:
    """Read the environment, then run the gateway under gunicorn."""
    parser = argparse.ArgumentParser("python -m kehu_gateway", description="Run the gateway.")
    parser.add_argument("process", nargs="?", choices=["api"], help="its only process")
    parser.parse_args()
    settings = read_or_exit(read)
    logs.configure("gateway", "api", settings.log_level)
    launcher.run(
        lambda: _create(settings),
        [settings.bind, *([settings.probe_bind] if settings.probe_bind else [])],
        settings.workers,
        settings.threads,
        drain_seconds=settings.drain_seconds,
        limits=launcher.Limits(
            settings.max_body,
            per_address=settings.address_connections,
            trusted=settings.trusted_proxies,
        ),
    )


def _create(settings: Settings) -> launcher.App:
    # Imported in the worker: the launcher must have set up shared metrics before.
    from kehu_gateway.app import Gateway

    tracing.start("gateway", "gateway", settings.otlp_endpoint)
    gateway = Gateway(settings)
    gateway.start()
    return gateway


if __name__ == "__main__":
    main()
