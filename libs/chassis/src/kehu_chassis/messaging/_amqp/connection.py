"""A connection to the broker: timeouts, failures, and tolerance of malformed headers."""

from __future__ import annotations

import struct
from typing import Any

import pika
import pika.data
from pika.exceptions import AMQPError

_HEARTBEAT = 20
Unreachable = (AMQPError, OSError)

_decode_table = pika.data.decode_table


def _decode_table_or_skip(encoded: bytes, offset: int) -> tuple[dict[Any, Any], int]:
    """Read a table of fields; a table that pika cannot read counts as empty.

    The broker passes on any headers, such as a timestamp in milliseconds or an invalid number. pika
    would close the connection, the broker would redeliver the message on the next one, and so on
    forever. Consumers do not use the headers.
    """
    try:
        table: tuple[dict[Any, Any], int] = _decode_table(encoded, offset)
        return table
    except Exception:
        (size,) = struct.unpack_from(">I", encoded, offset)
        return {}, offset + 4 + size


pika.data.decode_table = _decode_table_or_skip


def parameters(url: str, name: str) -> pika.URLParameters:
    """Connection parameters with our timeouts, which override those of the URL."""
    params = pika.URLParameters(url)
    params.heartbeat = _HEARTBEAT
    params.socket_timeout = 5
    params.stack_timeout = 10
    params.blocked_connection_timeout = 30
    params.client_properties = {"connection_name": name}
    return params
