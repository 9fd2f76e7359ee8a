"""Structured JSON logs: one line per event, ids only; never payloads, tokens or personal data."""

from __future__ import annotations

import logging
import logging.config

import structlog

_SHARED = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(service: str, process: str, level: str) -> None:
    """Send every log line of this process to standard error as JSON."""

    def add_origin(_logger: object, _name: str, event: structlog.typing.EventDict) -> object:
        event["service"], event["process"] = service, process
        return event

    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, add_origin],  # type: ignore[list-item]
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # pika logs every step of a lost connection as an error; we log it once.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    logging.getLogger("alembic").setLevel(logging.WARNING)
