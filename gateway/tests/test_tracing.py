"""The gateway's part of a trace."""

from __future__ import annotations

from collections.abc import Callable

from gateway.tests.conftest import World
from gateway.tests.support import wait_for
from kehu_chassis.testing.collector import collecting

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = f"00-{TRACE}-00f067aa0ba902b7-01"


def test_a_request_is_a_span_between_caller_and_service(build: Callable[..., World]) -> None:
    with collecting() as collector:
        world = build(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_BSP_SCHEDULE_DELAY="50")
        response = world.gateway.get("/api/v1/alpha/public?x=1", traceparent=CALLER)
        assert response.status == 200
        (span,) = wait_for(lambda: collector.named("GET /api/v1/alpha/public"), "the span")
        assert span.trace_id.hex() == TRACE and span.parent_span_id.hex() == CALLER.split("-")[2]
        received = world.alpha.requests[-1].header("traceparent")
        assert received == f"00-{TRACE}-{span.span_id.hex()}-01"
        world.gateway.stop()
