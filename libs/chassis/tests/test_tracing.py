"""Traces: one from the request to the outbox, and a linked one where the event is handled."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chassis_support.amqp import Vhost, declared
from chassis_support.program import Program
from chassis_support.waiting import until
from kehu_sample.app import service as notes
from opentelemetry import trace

from kehu_chassis.messaging import _amqp
from kehu_chassis.observability import tracing
from kehu_chassis.runtime.service import Service
from kehu_chassis.testing import Harness
from kehu_chassis.testing.collector import Collector, collecting

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = f"00-{TRACE}-00f067aa0ba902b7-01"
SERVER, PRODUCER, CONSUMER = 2, 4, 5  # SpanKind of the OTLP protocol


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """Trace this process to a test collector."""
    with collecting() as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        tracing.start("notes", "api", running.url)
        yield running
        trace.get_tracer_provider().shutdown()  # type: ignore[attr-defined]
    tracing._tracer = None


@pytest.fixture
def traced(
    collector: Collector, database_url: Callable[[Service], str], contracts_folder: Path
) -> Iterator[Harness]:
    """The notes service, built after tracing started."""
    running = Harness(notes, database_url(notes), contracts_folder)
    yield running
    running.close()


def test_an_event_continues_the_trace_of_its_request(traced: Harness, collector: Collector) -> None:
    client = traced.as_(traced.user("boss"))
    client.post("/notes", {"title": "x"}, 201, traceparent=CALLER)
    (request,) = until(lambda: collector.named("POST /api/v1/notes/notes"))
    assert (request.kind, request.trace_id.hex()) == (SERVER, TRACE)
    event = next(one for one in traced.published() if one["type"] == "notes.note-changed.v1")
    created = until(lambda: collector.named("create notes.note-changed.v1"))[-1]
    assert created.kind == PRODUCER and created.parent_span_id == request.span_id
    assert event["traceparent"] == f"00-{TRACE}-{created.span_id.hex()}-01"
    client.get("/notes")
    until(lambda: collector.named("GET /api/v1/notes/notes"))
    assert not any("healthz" in span.name for span in collector.spans)


def test_handling_events_is_linked_to_their_traces(traced: Harness, collector: Collector) -> None:
    causes = [f"00-{number:032x}-{number:016x}-01" for number in (7, 8)]
    bodies = [with_trace(traced.envelope("other.thing-counted.v1", {}), one) for one in causes]
    bodies += [with_trace(traced.envelope("other.thing-counted.v1", {}), "nonsense")]
    traced.inbox.handle(bodies)
    assert traced.failed() == []
    (span,) = until(lambda: collector.named("process features.notes.consumers.counted"))
    assert span.kind == CONSUMER and span.trace_id.hex() != TRACE and not span.parent_span_id
    assert [int(link.trace_id.hex(), 16) for link in span.links] == [7, 8]


def test_a_failed_handler_is_an_error_span(traced: Harness, collector: Collector) -> None:
    traced.inbox.handle([traced.envelope("other.thing-happened.v1", {"do": "refuse"})])
    spans = until(lambda: collector.named("process features.notes.consumers.happened"))
    assert spans[0].status.code == 2 and not spans[0].links


def with_trace(body: bytes, context: str) -> bytes:
    return json.dumps(json.loads(body) | {"traceparent": context}).encode()


def test_an_unreachable_collector_does_not_affect_the_process(
    harness: Harness, vhost: Vhost, program: Program
) -> None:
    types = [on.type for on in harness.service.subscriptions()]
    _amqp.declare(vhost.url, [], declared("notes", types))
    process = program.start(
        "work",
        KEHU_AMQP_URL=vhost.login("notes", types),
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1",
    )
    vhost.publish(harness.envelope("other.thing-happened.v1", {"do": "refuse"}))
    until(lambda: len(harness.failed()) == 1)
    started = time.monotonic()
    assert program.stop(process) == 0
    assert time.monotonic() - started < 20


def test_a_malformed_endpoint_is_named(program: Program) -> None:
    ended = program.run("work", OTEL_EXPORTER_OTLP_ENDPOINT="collector:4318")
    assert ended.returncode == 78 and "OTEL_EXPORTER_OTLP_ENDPOINT: must be a URL" in ended.stderr
