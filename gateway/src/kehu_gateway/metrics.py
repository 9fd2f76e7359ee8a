"""The gateway's metrics: rate, errors and duration per route, and the state of its helpers."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter(
    "kehu_gateway_requests_total",
    "Requests completed.",
    ["service", "route", "method", "status"],
)
SECONDS = Histogram(
    "kehu_gateway_request_seconds",
    "Time from a complete request to the start of its response.",
    ["service", "route", "method"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
RETRIES = Counter("kehu_gateway_retries_total", "Requests sent a second time.", ["service"])
REFUSALS_SENT = Counter("kehu_gateway_refusals_sent_total", "Refusals sent to the auth service.")
REFUSALS_DROPPED = Counter("kehu_gateway_refusals_dropped_total", "Refusals dropped unsent.")
READY = Gauge(
    "kehu_gateway_service_ready_addresses",
    "Addresses of a service that accept requests.",
    ["service"],
    multiprocess_mode="livemin",
)
INFLIGHT = Gauge(
    "kehu_gateway_service_inflight",
    "Requests that a service is processing.",
    ["service"],
    multiprocess_mode="livesum",
)
POLICY_AGE = Gauge(
    "kehu_gateway_policy_age_seconds",
    "Time since policy and keys were last confirmed.",
    multiprocess_mode="livemax",
)
CONTRACTS_FAILING = Gauge(
    "kehu_gateway_contracts_failing",
    "1 while changed contracts are rejected and the last good ones are in use.",
    multiprocess_mode="livemax",
)

_children: dict[tuple[str, str, str, int], tuple[Counter, Histogram]] = {}


def observe(service: str, route: str, method: str, status: int, seconds: float) -> None:
    """Count one completed request."""
    key = (service, route, method, status)
    found = _children.get(key)
    if found is None:
        found = _children[key] = (
            REQUESTS.labels(service, route, method, str(status)),
            SECONDS.labels(service, route, method),
        )
    found[0].inc()
    found[1].observe(seconds)
