"""The gateway's own pages: the merged description, its documentation, probes, metrics, verify."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.tests.conftest import World
from gateway.tests.support import operation, wait_for
from kehu_gateway.merged import as_3_0, merge

THINGS = "/api/v1/alpha/things"


def test_the_merged_description_holds_every_operation(world: World) -> None:
    response = world.gateway.get("/openapi.json")
    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
    document = response.json
    assert document["openapi"] == "3.1.0"
    for service in ("alpha", "beta", "auth"):
        assert document["paths"][f"/api/v1/{service}/things"]["get"]["x-permission"] == "thing:read"
    again = world.gateway.get("/openapi.json", **{"If-None-Match": response.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_the_documentation_works_offline(world: World) -> None:
    page = world.gateway.get("/docs")
    assert page.status == 200
    text = page.body.decode()
    assert "://" not in text
    links = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len(links) == 4
    for link in links:
        assert world.gateway.get(link).status == 200, link
    script = world.gateway.get("/docs/start.js").body.decode()
    assert "/docs/openapi.json" in script
    assert "://" not in script
    rendered = world.gateway.get("/docs/openapi.json").json
    assert rendered["openapi"].startswith("3.0.")
    assert rendered["paths"].keys() == world.gateway.get("/openapi.json").json["paths"].keys()
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "<script>" not in text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/docs/nothing", 404),
        ("GET", "/docs/index.html", 404),
        ("GET", "/docs/a/b", 404),
        ("POST", "/docs", 405),
        ("DELETE", "/openapi.json", 405),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", THINGS, 401),
        ("GET", "/nope", 404),
        ("OPTIONS", THINGS, 204),
    ],
)
def test_own_responses_have_security_headers(
    world: World, method: str, path: str, status: int
) -> None:
    response = world.gateway.request(method, path, headers={"X-Request-Id": "request-77"})
    assert response.status == status
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers.get_all("X-Request-Id") == ["request-77"]
    if status >= 400:
        assert response.code in ("not-found", "method-not-allowed", "unauthenticated")
        assert response.json["request_id"] == "request-77"


def test_metrics_and_verify_are_on_the_probe_address_only(world: World) -> None:
    for path in ("/metrics", "/internal/verify"):
        assert world.gateway.get(path).status == 404
    assert world.gateway.probe("/nothing").status == 404
    assert world.gateway.probe(THINGS).status == 404


def test_requests_are_counted_by_template(world: World) -> None:
    token = world.auth.token("reader")
    labels = 'method="GET",route="/api/v1/beta/things/{thing_id}",service="beta",status="200"'
    counter = f"kehu_gateway_requests_total{{{labels}}}"
    before = world.gateway.metric(counter)
    for number in range(5):
        world.gateway.get(f"/api/v1/beta/things/{number}", token)
    assert world.gateway.metric(counter) - before == 5
    world.gateway.request("BREW", "/nope")
    text = world.gateway.probe("/metrics").body.decode()
    assert "BREW" not in text
    assert "/nope" not in text
    assert world.gateway.metric('kehu_gateway_service_ready_addresses{service="beta"}') == 1
    assert 0 <= world.gateway.metric("kehu_gateway_policy_age_seconds") < 60


def test_metrics_of_several_workers_are_merged(build: Callable[..., World]) -> None:
    world = build(KEHU_WORKERS="2")
    for _ in range(40):
        assert world.gateway.get("/api/v1/alpha/public").status == 200
    labels = 'method="GET",route="/api/v1/alpha/public",service="alpha",status="200"'
    for _ in range(10):
        assert world.gateway.metric(f"kehu_gateway_requests_total{{{labels}}}") == 40


def test_a_worker_that_no_scrape_reaches_updates_its_metrics(
    build: Callable[..., World], tmp_path: Path
) -> None:
    world = build(KEHU_WORKERS="2", PROMETHEUS_MULTIPROC_DIR=str(tmp_path))

    def sample(name: str, **labels: str) -> float | None:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(tmp_path))
        return registry.get_sample_value(f"kehu_gateway_{name}", labels)

    def ready() -> float | None:
        return sample("service_ready_addresses", service="alpha")

    wait_for(lambda: ready() == 1, "an address of alpha")
    wait_for(lambda: (sample("policy_age_seconds") or 99) < 60, "a policy before any request")
    world.alpha.ready = False
    wait_for(lambda: ready() == 0, "no address of alpha")


def verify(world: World, method: str, uri: str, token: str | None = None) -> tuple[int, str | None]:
    headers = {"X-Original-Method": method, "X-Original-URI": uri}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    response = world.gateway.probe("/internal/verify", **headers)
    return response.status, response.headers["X-Kehu-Status"]


def test_another_proxy_gets_the_same_decision(world: World) -> None:
    token = world.auth.token("reader")
    assert verify(world, "GET", f"{THINGS}?x=1", token) == (200, None)
    assert verify(world, "GET", "/api/v1/alpha/public") == (200, None)
    assert verify(world, "POST", THINGS, token) == (403, "403")
    assert verify(world, "GET", THINGS) == (401, "401")
    assert verify(world, "GET", "/nope", token) == (403, "404")
    assert verify(world, "PATCH", THINGS, token) == (403, "405")
    assert verify(world, "GET", f"{THINGS}/..%2fx", token) == (403, "400")
    assert verify(world, "", "", token) == (403, "400")
    assert world.alpha.requests == []


def _document(**more: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "paths": {}, **more}


def test_identical_components_are_shared_and_others_renamed() -> None:
    shared = {"type": "object"}

    def described(kind: str) -> dict[str, Any]:
        reference = {"$ref": "#/components/schemas/Item"}
        both = {"$ref": "#/components/schemas/Problem"}
        return _document(
            paths={
                f"/{kind}": {
                    "get": operation("public", operationId="list", tags=["t"], a=reference, b=both)
                }
            },
            components={"schemas": {"Item": {"type": kind}, "Problem": shared}},
        )

    merged = merge({"a": described("string"), "b": described("integer")}, "1")
    assert merged["components"]["schemas"] == {
        "a.Item": {"type": "string"},
        "b.Item": {"type": "integer"},
        "Problem": shared,
    }
    found = merged["paths"]["/integer"]["get"]
    assert found["a"] == {"$ref": "#/components/schemas/b.Item"}
    assert found["b"] == {"$ref": "#/components/schemas/Problem"}
    assert found["operationId"] == "b.list"
    assert found["tags"] == ["t"]


def test_labels_of_all_services_are_merged() -> None:
    a, b = {"en": "A", "zh": "甲"}, {"en": "B", "zh": "乙"}
    documents = {
        "one": {"paths": {}, "x-permissions": {"a:read": a}, "x-problems": {"a": a}},
        "two": {"paths": {}, "x-permissions": {"b:read": b}, "x-problems": {"a": a, "b": b}},
    }
    merged = merge(documents, "1")
    assert merged["x-permissions"] == {"a:read": a, "b:read": b}
    assert merged["x-problems"] == {"a": a, "b": b}


def test_openapi_3_1_is_converted_to_3_0() -> None:
    document = _document(
        webhooks={},
        jsonSchemaDialect="x",
        components={
            "schemas": {
                "A": {"type": ["string", "null"]},
                "B": {"type": ["string", "integer"]},
                "C": {"const": "x"},
                "D": {"exclusiveMinimum": 0, "type": "number"},
                "E": {"properties": {"type": {"type": "string"}, "const": {"type": "string"}}},
                "F": {"anyOf": [{"type": "string", "enum": ["x"]}, {"type": "null"}]},
                "G": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]},
            }
        },
    )
    converted = as_3_0(document)
    assert converted.keys() == {"openapi", "paths", "components"}
    assert converted["components"]["schemas"] == {
        "A": {"type": "string", "nullable": True},
        "B": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "C": {"enum": ["x"]},
        "D": {"exclusiveMinimum": True, "minimum": 0, "type": "number"},
        "E": {"properties": {"type": {"type": "string"}, "const": {"type": "string"}}},
        "F": {"type": "string", "enum": ["x"], "nullable": True},
        "G": {"anyOf": [{"$ref": "#/components/schemas/A"}], "nullable": True},
    }
