"""Which requests are allowed: tokens, permissions, ended sessions, first password changes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from gateway.tests.conftest import World
from gateway.tests.support import sends, wait_for

THINGS = "/api/v1/alpha/things"


def test_a_caller_with_the_permission_reaches_the_service(world: World) -> None:
    token = world.auth.token("reader")
    response = world.gateway.get(f"{THINGS}?q=%E5%AE%A2&limit=2", token)
    assert response.status == 200
    assert response.json["service"] == "alpha"
    seen = world.alpha.last()
    assert seen.target == f"{THINGS}?q=%E5%AE%A2&limit=2"
    assert seen.header("Authorization") == f"Bearer {token}"


def test_a_caller_without_the_permission_is_refused_before_the_service(world: World) -> None:
    response = world.gateway.request("POST", THINGS, world.auth.token("reader"), body=b"{}")
    assert (response.status, response.code) == (403, "forbidden")
    assert response.json["params"] == {"permission": "thing:write"}
    assert world.alpha.requests == []


def test_an_unknown_role_has_no_permissions(world: World) -> None:
    token = world.auth.token("stranger")
    assert world.gateway.get(THINGS, token).status == 403
    assert world.gateway.get("/api/v1/alpha/me", token).status == 200
    assert world.gateway.get("/api/v1/alpha/me", world.auth.token(roles=[])).status == 200


def test_without_a_token_only_public_operations_are_allowed(world: World) -> None:
    response = world.gateway.get(THINGS)
    assert (response.status, response.code) == (401, "unauthenticated")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="kehu"'
    assert world.gateway.get("/api/v1/alpha/me").status == 401
    assert world.gateway.get("/api/v1/alpha/public").status == 200
    # A stale token must not prevent signing in.
    assert world.gateway.get("/api/v1/alpha/public", "stale").status == 200


def test_errors_are_in_the_callers_language(world: World) -> None:
    response = world.gateway.get(THINGS, **{"Accept-Language": "zh-CN,en;q=0.5"})
    assert response.json["detail"] == "请先登录。"
    assert response.headers["Vary"] == "Accept-Language"


def test_without_a_preference_errors_are_in_the_language_of_the_profile(world: World) -> None:
    token = world.auth.token("reader", locale="zh")
    refused = world.gateway.request("POST", THINGS, token, body=b"{}")
    assert refused.json["detail"].startswith("您没有权限")
    english = world.gateway.request("POST", THINGS, token, {"Accept-Language": "en"}, b"{}")
    assert english.json["detail"].startswith("You may not do this")


def test_an_initial_password_must_be_changed_before_anything_else(world: World) -> None:
    token = world.auth.token("writer", must_change_password=True)
    response = world.gateway.get(THINGS, token)
    assert (response.status, response.code) == (403, "password-change-required")
    assert world.gateway.get("/api/v1/alpha/me", token).status == 403
    assert world.gateway.request("PUT", "/api/v1/alpha/me/password", token).status == 200


def _signed(world: World, header: dict[str, Any], claims: dict[str, Any] | None = None) -> str:
    def b64(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    signed = f"{b64(header)}.{b64(claims or world.auth.claims())}"
    raw = world.auth.key.get_op_key("sign").sign(signed.encode())
    return f"{signed}.{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}"


def _hmac(world: World) -> str:
    secret = OctKey.import_key(json.dumps(world.auth.key.as_dict(private=False)))
    header = {"alg": "HS256", "kid": "k1", "typ": "at+jwt"}
    return jwt.encode(header, world.auth.claims(), secret, algorithms=["HS256"])


GOOD = {"alg": "Ed25519", "kid": "k1", "typ": "at+jwt"}
FORGED: dict[str, Callable[[World], str]] = {
    "garbage": lambda world: "garbage",
    "alg none": lambda world: _signed(world, {**GOOD, "alg": "none"}).rpartition(".")[0] + ".",
    "HMAC": _hmac,
    "unknown kid": lambda world: _signed(world, {**GOOD, "kid": "k9"}),
    "kid a path": lambda world: _signed(world, {**GOOD, "kid": "../../etc/passwd"}),
    "jku": lambda world: _signed(world, {**GOOD, "jku": "http://evil.invalid/"}),
    "crit": lambda world: _signed(world, {**GOOD, "crit": ["x"], "x": 1}),
    "typ": lambda world: _signed(world, {**GOOD, "typ": "rt+jwt"}),
    "iss": lambda world: world.auth.token(iss="evil"),
    "aud": lambda world: world.auth.token(aud="other"),
    "expired": lambda world: world.auth.token(exp=1),
    "not yet": lambda world: world.auth.token(nbf=9_999_999_999),
    "two dots missing": lambda world: world.auth.token().replace(".", ""),
    "another key": lambda world: world.auth.token(
        key=OKPKey.generate_key("Ed25519", parameters={"kid": "k1"}, private=True)
    ),
    "two tokens": lambda world: f"{world.auth.token()},{world.auth.token()}",
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_reaches_no_service(world: World, name: str) -> None:
    response = world.gateway.get(THINGS, FORGED[name](world))
    assert (response.status, response.code) == (401, "invalid-token")
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    assert world.alpha.requests == []


def test_a_token_of_100_kilobytes_is_refused(world: World) -> None:
    response = world.gateway.get(THINGS, world.auth.token(sid="x" * 100_000))
    assert (response.status, response.code) == (431, "headers-too-large")


def test_two_authorization_headers_are_rejected(world: World) -> None:
    token = world.auth.token("reader")
    line = f"Authorization: Bearer {token}\r\n"
    received = world.gateway.raw(
        f"GET {THINGS} HTTP/1.1\r\nHost: x\r\n{line}{line}Connection: close\r\n\r\n".encode()
    )
    assert received.startswith(b"HTTP/1.1 401 ")
    assert world.alpha.requests == []


def test_other_authorization_schemes_are_unauthenticated(world: World) -> None:
    for value in ("Basic YWRtaW46YWRtaW4=", "Bearer", f"Token {world.auth.token()}"):
        assert world.gateway.get(THINGS, Authorization=value).code == "unauthenticated"


def test_new_keys_are_fetched_and_auth_may_be_down(build: Callable[..., World]) -> None:
    world = build()
    token = world.auth.token("reader")
    assert world.gateway.get(THINGS, token).status == 200
    new = OKPKey.generate_key("Ed25519", parameters={"kid": "k2"}, private=True)
    world.auth.published.append(new)
    assert world.gateway.get(THINGS, world.auth.token("reader", key=new)).status == 200
    # Unknown keys are not fetched again and again.
    fetches = sum(r.target == "/.well-known/jwks.json" for r in world.auth.requests)
    for number in range(20):
        forged = _signed(world, {**GOOD, "kid": f"invented-{number}"})
        assert world.gateway.get(THINGS, forged).status == 401
    after = sum(r.target == "/.well-known/jwks.json" for r in world.auth.requests)
    assert after <= fetches + 1
    # Signed-in callers stay signed in while auth is down.
    world.auth.stop()
    wait_for(
        lambda: world.gateway.get("/api/v1/auth/public").status == 503, "auth to be marked down"
    )
    assert world.gateway.get(THINGS, token).status == 200
    assert world.gateway.get(THINGS, world.auth.token("reader", sid="new")).status == 200
    assert world.gateway.get("/readyz").status == 200


def test_without_a_policy_only_public_operations_are_served(build: Callable[..., World]) -> None:
    world = build(start=False)
    world.auth.scripts["/auth/policy"] = sends(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
    world.gateway.start(until=lambda: world.gateway.probe("/healthz").status == 200)
    token = world.auth.token("reader")
    response = wait_for(lambda: world.gateway.get(THINGS, token))
    assert (response.status, response.code) == (503, "dependency-down")
    assert response.json["params"] == {"dependency": "auth"}
    assert response.headers["Retry-After"]
    assert world.gateway.get("/readyz").status == 503
    assert world.gateway.get("/api/v1/alpha/public").status == 200
    assert world.alpha.last().target == "/api/v1/alpha/public"
