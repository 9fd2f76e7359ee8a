"""Routes by contract, ambiguous paths, and contracts that change."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from gateway.tests.conftest import World
from gateway.tests.support import contract, operation, wait_for
from kehu_chassis.problems import Problem
from kehu_gateway import targets
from kehu_gateway.routes import ContractError, Router

THINGS = "/api/v1/alpha/things"


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/api",
        "/api/v1/alpha",
        "/api/v1/alpha/",
        f"{THINGS}/",
        f"{THINGS}/1/2",
        "/API/v1/alpha/things",
        "/auth/policy",
        "/auth/refusals",
        "/metrics",
        "/internal/verify",
        "/api/v1/alpha/readyz",
        "/api/v1/gamma/things",
        "/api/v1/alpha/{thing_id}",
        "/docs/../metrics%20",
    ],
)
def test_a_path_in_no_contract_is_not_found(world: World, path: str) -> None:
    response = world.gateway.get(path, world.auth.token("writer"))
    assert response.status in (400, 404)
    assert response.code in ("not-found", "ambiguous-path")
    assert world.alpha.requests == []


@pytest.mark.parametrize(
    "method", ["PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "BREW", "get"]
)
def test_another_method_is_405_with_the_allowed_ones(world: World, method: str) -> None:
    response = world.gateway.request(method, THINGS, world.auth.token("writer"))
    if method == "get":
        assert response.code == "bad-request"
        return
    assert (response.status, response.code) == (405, "method-not-allowed")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert world.alpha.requests == []


def test_head_is_a_get_without_body(world: World) -> None:
    response = world.gateway.request("HEAD", THINGS, world.auth.token("reader"))
    assert (response.status, response.body) == (200, b"")
    assert int(response.headers["Content-Length"]) > 0
    assert world.alpha.last().method == "HEAD"
    assert world.gateway.request("HEAD", THINGS).status == 401
    assert world.gateway.request("HEAD", "/api/v1/alpha/me/password").status == 405


def test_the_gateway_responds_to_options_itself(world: World) -> None:
    response = world.gateway.request("OPTIONS", f"{THINGS}/1")
    assert (response.status, response.headers["Allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PUT")
    assert world.gateway.request("OPTIONS", "/nope").code == "not-found"
    assert world.alpha.requests == []


AMBIGUOUS = [
    "//api/v1/alpha/public",
    "/api/v1/alpha//public",
    "/api/v1/alpha/public//",
    "/api/v1/alpha/./public",
    "/api/v1/alpha/../alpha/public",
    "/api/v1/alpha/..",
    "/api/v1/alpha/.",
    "/api/v1/alpha/%2e%2e/x",
    "/api/v1/alpha/%2E/public",
    "/api/v1/alpha/.%2e/public",
    "/api/v1/alpha/..;/public",
    "/api/v1/alpha/things/a%2fb",
    "/api/v1/alpha/things/a%2Fb",
    "/api/v1/alpha/things/a%5cb",
    "/api/v1/alpha/things/a\\b",
    "/api/v1/alpha/things/%00",
    "/api/v1/alpha/things/a%0d%0ab",
    "/api/v1/alpha/things/%1f",
    "/api/v1/alpha/things/%7F",
    "/api/v1/alpha/things/%c2%85",
    "/api/v1/alpha/things/%ff",
    "/api/v1/alpha/things/%c0%af",
    "/api/v1/alpha/things/%",
    "/api/v1/alpha/things/%zz",
    "/api/v1/alpha/public#fragment",
    "/api/v1/alpha/public?a=b#fragment",
    "/@evil.invalid//x",
]


@pytest.mark.parametrize("target", AMBIGUOUS)
def test_an_ambiguous_path_is_refused(world: World, target: str) -> None:
    received = world.gateway.raw(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert received.startswith(b"HTTP/1.1 400 "), received
    assert b'"code": "ambiguous-path"' in received
    assert world.alpha.requests == []


@pytest.mark.parametrize(
    "target",
    [
        "http://evil.invalid/api/v1/alpha/public",
        "http://127.0.0.1/api/v1/alpha/public",
        "evil.invalid:80",
        "*",
        "api/v1/alpha/public",
        "/api/v1/alpha/pub\x01lic",
        "/api/v1/alpha/pub\xe4lic",
        "/a b",
    ],
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "CONNECT"])
def test_a_target_that_is_not_a_path_is_refused(world: World, target: str, method: str) -> None:
    received = world.gateway.raw(f"{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode("latin-1"))
    assert received.startswith(b"HTTP/1.1 400 "), received
    assert world.alpha.requests == []


@pytest.mark.parametrize(
    "raw",
    [
        "/a/%E5%AE%A2",
        "/a%20b",
        "/a%252Fb",
        "/a..b/c.d",
        "/...",
        "/.well-known/x",
        "/a;b=c",
        "/a?x=../..//%2f",
    ],
)
def test_unambiguous_paths_are_accepted(raw: str) -> None:
    target = targets.parse(raw)
    assert target.raw == raw


def test_path_and_query_are_forwarded_unchanged(world: World) -> None:
    token = world.auth.token("reader")
    for rest in ("/%E5%AE%A2%20a", "/a%252Fb", "/a;b=c", "/x?a=1&a=2&b=%2F..%2F&c=%00&d", "/x?"):
        assert world.gateway.get(THINGS + rest, token).status == 200
        assert world.alpha.last().target == THINGS + rest


def test_a_fixed_segment_takes_precedence_over_a_parameter() -> None:
    router = Router(
        {
            "a": {
                "paths": {
                    "/a/{id}": {"get": operation("a:read")},
                    "/a/export": {"get": operation("a:export")},
                    "/a/{b}/c": {"get": operation("a:c")},
                    "/a/x/{d}": {"get": operation("a:d")},
                }
            }
        }
    )
    assert router.match("GET", "/a/export").permission == "a:export"
    assert router.match("GET", "/a/exports").permission == "a:read"
    assert router.match("GET", "/a/y/c").permission == "a:c"
    with pytest.raises(Problem):
        router.match("GET", "/a/")


@pytest.mark.parametrize(
    "paths",
    [
        {"/x": {"get": {}}},
        {"/x": {"get": {"x-permission": "Everyone"}}},
        {"/x": {"get": {"x-permission": ["public"]}}},
        {"x": {"get": operation("public")}},
        {"/x/<path:y>": {"get": operation("public")}},
        {"/x/{y": {"get": operation("public")}},
        {"/x/{a}": {"get": operation("public")}, "/x/{b}": {"get": operation("a:b")}},
    ],
)
def test_an_ambiguous_or_invalid_contract_is_rejected(paths: dict[str, object]) -> None:
    with pytest.raises(ContractError):
        Router({"a": {"paths": paths}})


def test_two_services_cannot_claim_one_operation() -> None:
    document = {"paths": {"/x": {"get": operation("public")}}}
    with pytest.raises(ContractError, match="both a and b"):
        Router({"a": document, "b": document})


def test_header_parameters_may_be_shared_components() -> None:
    document = {
        "paths": {
            "/x": {
                "parameters": [{"$ref": "#/components/parameters/Who"}],
                "get": operation("public", parameters=[{"in": "query", "name": "q"}]),
            }
        },
        "components": {"parameters": {"Who": {"in": "header", "name": "X-Who"}}},
    }
    assert Router({"a": document}).match("GET", "/x").headers == {"X-Who"}


def test_changed_contracts_are_picked_up_while_running(build: Callable[..., World]) -> None:
    world = build()
    assert world.gateway.get("/api/v1/alpha/new").status == 404
    changed = contract("alpha", {"/api/v1/alpha/new": {"get": operation("public")}})
    del changed["paths"]["/api/v1/alpha/me"]
    world.write("alpha", changed)
    wait_for(lambda: world.gateway.get("/api/v1/alpha/new").status == 200, "the new operation")
    assert world.gateway.get("/api/v1/alpha/me").status == 404
    assert "/api/v1/alpha/new" in world.gateway.get("/openapi.json").json["paths"]
    # Invalid contracts change nothing and are reported, as is a service without an address.
    folder = world.contracts / "openapi"
    for name, text in (("alpha.json", "{"), ("gamma.json", json.dumps(contract("gamma")))):
        (folder / name).write_text(text)
        wait_for(lambda: world.gateway.metric("kehu_gateway_contracts_failing ") == 1)
        assert world.gateway.get("/api/v1/alpha/new").status == 200
        (folder / "gamma.json").unlink(missing_ok=True)
        world.write("alpha", changed)
        wait_for(lambda: world.gateway.metric("kehu_gateway_contracts_failing ") == 0)
