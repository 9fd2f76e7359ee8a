"""Events: CloudEvents 1.0 structured JSON, outgoing and received."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kehu_chassis import clock, jsontext, strictjson
from kehu_chassis.data.cleaning import clean, clean_values
from kehu_chassis.data.database import new_id
from kehu_chassis.messaging.contracts import (
    ContractError,
    Contracts,
    Unpublishable,
    is_event_type,
)
from kehu_chassis.observability import tracing

CONTENT_TYPE = "application/cloudevents+json"
SALES = "sales"  # the only producer of events that is not a service of ours
MAX_BYTES = 256 * 1024
MAX_TEXT = 500  # characters of the subject
# Bytes of an id, source or type: with a handler's name they form one index entry, limited by
# PostgreSQL to 2,704.
MAX_KEY = 500

# The id shared by everything that one request or event caused, and its W3C trace context; the edges
# set them, the outbox stores them.
correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")
traceparent: ContextVar[str] = ContextVar("traceparent", default="")


@dataclass(frozen=True)
class Event:
    """An outgoing event: ``version`` is the aggregate's version after the change.

    ``about`` is the record that it describes, for error messages.
    """

    type: str
    subject: str
    version: int
    data: dict[str, Any]
    about: Any = None


@dataclass(frozen=True)
class Encoded:
    """An event as stored and sent."""

    id: UUID
    type: str
    subject: str
    body: str
    traceparent: str | None


@dataclass(frozen=True)
class Received:
    """A received event, validated against its contract."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    version: int
    correlation_id: str
    traceparent: str
    data: dict[str, Any]
    body: bytes

    @property
    def name(self) -> str:
        """The type without producer and version: ``order-paid``."""
        return self.type.split(".")[1]


def encode(event: Event, contracts: Contracts) -> Encoded:
    """Encode an outgoing event as it is stored and sent.

    Raises Unpublishable, which names record and field, if the event violates its contract.
    """
    data = jsontext.plain(event.data)
    try:
        contracts.check_outgoing(event.type, data)
    except ContractError as error:
        about = type(event.about).__name__ if event.about is not None else "event"
        raise Unpublishable(f"{about} {event.subject}: {error}") from None
    event_id = new_id()
    producer, name, version = event.type.split(".")
    trace = tracing.of_new_event(event.type, str(event_id)) or traceparent.get() or None
    envelope = {
        "specversion": "1.0",
        "id": str(event_id),
        "source": f"/kehu/{producer}",
        "type": event.type,
        "subject": event.subject,
        "time": clock.now(),
        "dataschema": f"/contracts/events/{producer}/{name}/{version}.schema.json",
        "datacontenttype": "application/json",
        "aggregateversion": event.version,
        "correlationid": correlation_id.get() or str(event_id),
        **({"traceparent": trace} if trace else {}),
        "data": data,
    }
    body = jsontext.write(envelope)
    if len(body) > MAX_BYTES:
        raise Unpublishable(f"{event.type}: larger than {MAX_BYTES} bytes")
    return Encoded(event_id, event.type, event.subject, body.decode(), trace)


def decode(
    body: bytes,
    contracts: Contracts,
    require: Callable[[str, str], None] = lambda _type, _source: None,
) -> Received:
    """Decode and validate a received event; raises ContractError with the reason.

    ``require`` takes type and source before the data is validated, and may raise one as well.
    """
    if len(body) > MAX_BYTES:
        raise ContractError(f"larger than {MAX_BYTES} bytes")
    envelope = _parse(body)
    for name in ("id", "source", "type"):
        if not _short(envelope.get(name)):
            raise ContractError(f"not a CloudEvent: {name} is missing or not a short text")
    if envelope.get("specversion") != "1.0":
        raise ContractError("not a CloudEvent: specversion must be 1.0")
    if not is_event_type(envelope["type"]):
        raise ContractError("unknown event type: must read <producer>.<event>.v<major>")
    require(envelope["type"], envelope["source"])
    version = envelope.get("aggregateversion")
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version < 2**63:
        raise ContractError("aggregateversion must be a whole number from 0")
    subject = envelope.get("subject")
    if not isinstance(subject, str) or not subject or len(subject) > MAX_TEXT:
        raise ContractError("subject must name the aggregate")
    subject, data = _as_entered(envelope["type"], subject, envelope.get("data"))
    contracts.check_incoming(envelope["type"], data)
    return Received(
        id=envelope["id"],
        source=envelope["source"],
        type=envelope["type"],
        subject=subject,
        time=_time(envelope.get("time")),
        version=version,
        # Both are passed on to other events; neither is a reason to reject this one.
        correlation_id=_short(envelope.get("correlationid")) or envelope["id"],
        traceparent=_short(envelope.get("traceparent")),
        data=data,
        body=body,
    )


def _as_entered(event_type: str, subject: str, data: Any) -> tuple[str, Any]:
    """Subject and data as they enter the system: our own services have cleaned theirs before."""
    if not event_type.startswith(f"{SALES}."):
        return subject, data
    return clean(subject) or subject, clean_values(data)


def declared_source(body: bytes) -> tuple[str, str]:
    """``(source, type)`` of any message; empty where it has none."""
    if len(body) > MAX_BYTES:
        return "", ""
    try:
        envelope = _parse(body)
    except ContractError:
        return "", ""
    return _short(envelope.get("source")), _short(envelope.get("type"))


def _short(value: Any) -> str:
    """An attribute of an envelope if it is a short text, otherwise ""."""
    return value if isinstance(value, str) and len(value.encode()) <= MAX_KEY else ""


def _parse(body: bytes) -> dict[str, Any]:
    try:
        envelope = strictjson.read(body)
    except strictjson.NotJson as error:
        raise ContractError(f"not JSON: {error}") from None
    except strictjson.Unstorable as error:
        raise ContractError(f"the event {error}") from None
    if not isinstance(envelope, dict):
        raise ContractError("not a CloudEvent: the body is not an object")
    return envelope


def _time(value: Any) -> datetime:
    if value is None:
        return clock.now()
    try:
        timestamp = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ContractError("time is not an RFC 3339 timestamp") from None
    if timestamp.tzinfo is None:
        raise ContractError("time has no offset from UTC")
    return timestamp
