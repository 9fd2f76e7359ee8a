"""Traces through HTTP and events: OpenTelemetry, only if an OTLP endpoint is configured.

A request is a span of the service that serves it. An event is a span of its own, created when it is
written to the outbox; its context is stored as CloudEvents' ``traceparent``, since another process
publishes it. Handling events starts a new trace *linked* to those of the events: a batch has many
causes, and an event may be replayed long after its request has ended.

OpenTelemetry is not imported before :func:`start` is called with an endpoint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask
    from opentelemetry.trace import Span, Tracer

# The request ids that callers may set, for gateway and services alike.
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,127}")
WSGI = Callable[..., Iterable[bytes]]
_PROBES = "/healthz,/readyz,/metrics"
_tracer: Tracer | None = None


def start(service: str, process: str, endpoint: str | None) -> None:
    """Trace this process if there is an endpoint; call it after the fork.

    The exporter reads the endpoint itself, and everything else from OTEL_* variables.
    """
    global _tracer
    if endpoint is None:
        return
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    names = {"service.namespace": "kehu", "service.name": service, "kehu.process": process}
    provider = TracerProvider(resource=Resource.create(names))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    _tracer = trace.get_tracer("kehu")


def is_on() -> bool:
    """Whether this process traces."""
    return _tracer is not None


def instrument(app: Flask) -> None:
    """Trace each request as a span, named after its route."""
    if _tracer is not None:
        from opentelemetry.instrumentation.flask import FlaskInstrumentor

        FlaskInstrumentor.instrument_app(app, excluded_urls=_PROBES)  # type: ignore[no-untyped-call]


def wrap(application: WSGI) -> WSGI:
    """Wrap a WSGI callable so that each request is a span."""
    if _tracer is None:
        return application
    from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware

    wrapped: WSGI = OpenTelemetryMiddleware(application)
    return wrapped


def name_span(name: str) -> None:
    """Rename the current span."""
    if _tracer is not None:
        from opentelemetry import trace

        trace.get_current_span().update_name(name)


def current() -> str:
    """The W3C trace context of the current span; empty without tracing."""
    if _tracer is None:
        return ""
    from opentelemetry import trace

    return _traceparent(trace.get_current_span())


def of_new_event(event_type: str, event_id: str) -> str:
    """The trace context of an outgoing event; empty without tracing."""
    if _tracer is None:
        return ""
    from opentelemetry.trace import SpanKind

    attributes = _messaging("create", **{"messaging.message.id": event_id})
    span = _tracer.start_span(f"create {event_type}", kind=SpanKind.PRODUCER, attributes=attributes)
    span.end()
    return _traceparent(span)


@contextmanager
def handling(handler: str, causes: Iterable[str]) -> Iterator[None]:
    """Trace the handling of events with these trace contexts."""
    if _tracer is None:
        yield
        return
    from opentelemetry.context import Context
    from opentelemetry.trace import Link, SpanKind, get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    read = TraceContextTextMapPropagator().extract
    contexts = [
        get_current_span(read({"traceparent": cause}, Context())).get_span_context()
        for cause in causes
    ]
    with _tracer.start_as_current_span(
        f"process {handler}",
        context=Context(),
        kind=SpanKind.CONSUMER,
        links=[Link(context) for context in contexts if context.is_valid],
        attributes=_messaging("process", **{"messaging.batch.message_count": len(contexts)}),
    ):
        yield


def _messaging(operation: str, **more: Any) -> dict[str, Any]:
    return {"messaging.system": "rabbitmq", "messaging.operation.type": operation, **more}


def _traceparent(span: Span) -> str:
    context = span.get_span_context()
    if not context.is_valid:
        return ""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
