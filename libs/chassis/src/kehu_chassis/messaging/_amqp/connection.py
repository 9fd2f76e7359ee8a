"""A connection to the broker: its time-outs, its failures, and what it may not fall over."""

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
    """Read a table of fields; one with a field that pika cannot read is as good as empty.

    The broker passes on any headers: a moment in milliseconds, a number that is none.  pika would
    end the connection over them, the broker would deliver the same message on the next one, and so
    on for ever.  Nothing here needs the headers of what arrives.
    """
    try:
        table: tuple[dict[Any, Any], int] = _decode_table(encoded, offset)
        return table
    except Exception:
        (size,) = struct.unpack_from(">I", encoded, offset)
        return {}, offset + 4 + size


pika.data.decode_table = _decode_table_or_skip


def parameters(url: str, name: str) -> pika.URLParameters:
    """Connection parameters with our time-outs, whatever the URL says."""
    params = pika.URLParameters(url)
    params.heartbeat = _HEARTBEAT
    params.socket_timeout = 5
    params.stack_timeout = 10
    params.blocked_connection_timeout = 30
    params.client_properties = {"connection_name": name}
    return params
