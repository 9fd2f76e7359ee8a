"""Access tokens, the policy, and the authority that keeps both fresh."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from kehu_chassis.identity import authority
from kehu_chassis.identity.authority import Authority
from kehu_chassis.identity.policy import Caller, Policy
from kehu_chassis.identity.sources import Copy, StaticSource
from kehu_chassis.identity.tokens import KeySet, TokenVerifier, bearer_token
from kehu_chassis.problems import Problem

NOW = 1_800_000_000.0
USER = uuid.UUID("01920000-0000-7000-8000-000000000001")
KEY = OKPKey.generate_key("Ed25519", parameters={"kid": "k1"}, private=True)
OTHER = OKPKey.generate_key("Ed25519", parameters={"kid": "k1"}, private=True)
JWKS = {"keys": [KEY.as_dict(private=False)]}
POLICY: dict[str, Any] = {
    "roles": {"clerk": {"thing:read": "own"}, "chief": {"thing:read": "team", "thing:end": "all"}},
    "void_users": {},
    "void_sessions": [],
}
HEADER = {"alg": "Ed25519", "kid": "k1", "typ": "at+jwt"}
CLAIMS: dict[str, Any] = {
    "iss": "kehu",
    "aud": "kehu",
    "sub": str(USER),
    "kind": "user",
    "roles": ["clerk"],
    "department_id": None,
    "sid": "s1",
    "epoch": 3,
    "iat": int(NOW),
    "exp": int(NOW) + 600,
}


def b64(value: bytes | str | Mapping[str, Any]) -> str:
    if isinstance(value, Mapping):
        value = json.dumps(value)
    raw = value.encode() if isinstance(value, str) else value
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sign(
    claims: str | Mapping[str, Any] = CLAIMS,
    header: str | Mapping[str, Any] = HEADER,
    key: OKPKey = KEY,
) -> str:
    """A correctly signed token with any header and claims."""
    signed = f"{b64(header)}.{b64(claims)}"
    return f"{signed}.{b64(key.get_op_key('sign').sign(signed.encode()))}"


def changed(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (CLAIMS | changes).items() if value is not ...}


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier(KeySet.from_document(JWKS).find, clock=lambda: NOW)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        call()
    assert caught.value.status in (401, 503)
    if caught.value.status == 401:
        assert caught.value.headers["WWW-Authenticate"].startswith("Bearer")
    return caught.value.code


def test_a_valid_token_becomes_a_caller(verifier: TokenVerifier) -> None:
    department = uuid.uuid4()
    claims = changed(department_id=str(department), must_change_password=True, kind="service")
    assert verifier.verify(sign(claims)) == Caller(
        id=USER,
        kind="service",
        roles=("clerk",),
        department_id=department,
        session_id="s1",
        epoch=3,
        must_change_password=True,
        expires_at=NOW + 600,
    )


def test_a_token_signed_by_the_library_is_accepted(verifier: TokenVerifier) -> None:
    token = jwt.encode(HEADER, dict(CLAIMS), KEY, algorithms=["Ed25519"])
    assert verifier.verify(token).id == USER


def _hmac_with_the_public_key() -> str:
    secret = OctKey.import_key(b64(KEY.as_dict(private=False)["x"]) * 2)
    header = {"alg": "HS256", "kid": "k1", "typ": "at+jwt"}
    return jwt.encode(header, dict(CLAIMS), secret, algorithms=["HS256"])


def _unsigned(alg: str) -> str:
    return f"{b64({**HEADER, 'alg': alg})}.{b64(CLAIMS)}."


def _respelled(token: str) -> str:
    """The same signature in another encoding: the unused bits of the last character differ."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(token[-1])
    return token[:-1] + alphabet[last ^ 1]


FORGED: dict[str, Callable[[], str]] = {
    "alg none": lambda: _unsigned("none"),
    "alg None": lambda: _unsigned("None"),
    "alg NONE": lambda: _unsigned("NONE"),
    "alg missing": lambda: sign(header={"kid": "k1", "typ": "at+jwt"}),
    "alg EdDSA": lambda: sign(header={**HEADER, "alg": "EdDSA"}),
    "alg not a text": lambda: sign(header={**HEADER, "alg": ["Ed25519"]}),
    "HMAC keyed with the public key": _hmac_with_the_public_key,
    "another key of the same id": lambda: sign(key=OTHER),
    "unknown kid": lambda: sign(header={**HEADER, "kid": "k2"}),
    "empty kid": lambda: sign(header={**HEADER, "kid": ""}),
    "no kid": lambda: sign(header={"alg": "Ed25519", "typ": "at+jwt"}),
    "kid not a text": lambda: sign(header={**HEADER, "kid": 1}),
    "kid a path": lambda: sign(header={**HEADER, "kid": "../../dev/null"}),
    "kid with SQL": lambda: sign(header={**HEADER, "kid": "k1' OR '1'='1"}),
    "jku": lambda: sign(header={**HEADER, "jku": "https://evil.invalid/jwks"}),
    "x5u": lambda: sign(header={**HEADER, "x5u": "https://evil.invalid/cert"}),
    "jwk": lambda: sign(header={**HEADER, "jwk": OTHER.as_dict(private=False)}, key=OTHER),
    "crit": lambda: sign(header={**HEADER, "crit": ["exp"], "exp": 1}),
    "b64 false": lambda: sign(header={**HEADER, "b64": False, "crit": ["b64"]}),
    "typ of an id token": lambda: sign(header={**HEADER, "typ": "JWT"}),
    "typ missing": lambda: sign(header={"alg": "Ed25519", "kid": "k1"}),
    "duplicate header key": lambda: sign(
        header='{"alg":"none","alg":"Ed25519","kid":"k1","typ":"at+jwt"}'
    ),
    "header not an object": lambda: sign(header="[]"),
    "wrong iss": lambda: sign(changed(iss="other")),
    "iss missing": lambda: sign(changed(iss=...)),
    "wrong aud": lambda: sign(changed(aud="other")),
    "aud without us": lambda: sign(changed(aud=["a", "b"])),
    "aud missing": lambda: sign(changed(aud=...)),
    "expired": lambda: sign(changed(exp=int(NOW) - 31)),
    "exp missing": lambda: sign(changed(exp=...)),
    "exp a text": lambda: sign(changed(exp="9999999999")),
    "exp true": lambda: sign(changed(exp=True)),
    "exp Infinity": lambda: sign(json.dumps(CLAIMS).replace(str(int(NOW) + 600), "Infinity")),
    "exp 1e999": lambda: sign(json.dumps(CLAIMS).replace(str(int(NOW) + 600), "1e999")),
    "exp of 400 digits": lambda: sign(json.dumps(CLAIMS).replace(str(int(NOW) + 600), "9" * 400)),
    "nbf in the future": lambda: sign(changed(nbf=int(NOW) + 120)),
    "iat in the future": lambda: sign(changed(iat=int(NOW) + 120)),
    "sub not a UUID": lambda: sign(changed(sub="admin")),
    "sub missing": lambda: sign(changed(sub=...)),
    "kind unknown": lambda: sign(changed(kind="refresh")),
    "roles a text": lambda: sign(changed(roles="clerk")),
    "roles of numbers": lambda: sign(changed(roles=[1])),
    "epoch true": lambda: sign(changed(epoch=True)),
    "epoch a text": lambda: sign(changed(epoch="3")),
    "sid missing": lambda: sign(changed(sid=...)),
    "department not a UUID": lambda: sign(changed(department_id="x")),
    "must_change_password a text": lambda: sign(changed(must_change_password="false")),
    "duplicate claim": lambda: sign(json.dumps(CLAIMS)[:-1] + ', "roles": ["chief"]}'),
    "claims not an object": lambda: sign("[1]"),
    "claims not JSON": lambda: sign("{"),
    "claims not UTF-8": lambda: (
        f"{sign().split('.')[0]}.{b64(bytes([255]))}.{sign().split('.')[2]}"
    ),
    "claims nested deeply": lambda: sign('{"a":' + "[" * 2500 + "]" * 2500 + "}"),
    "one dot": lambda: ".".join(sign().split(".")[:2]),
    "no dot": lambda: "token",
    "four dots": lambda: sign() + ".x.y",
    "no signature": lambda: sign().rpartition(".")[0] + ".",
    "another signature": lambda: sign()[:-20] + "A" * 20,
    "a signature spelled differently": lambda: _respelled(sign()),
    "changed claims": lambda: (
        f"{sign().split('.')[0]}.{b64(changed(roles=['chief']))}." + sign().split(".")[2]
    ),
    "padding": lambda: sign() + "==",
    "a space in front": lambda: " " + sign(),
    "a line end behind": lambda: sign() + "\n",
    "not ASCII": lambda: sign() + "\u00e4",
    "100 KB": lambda: sign(changed(sid="x" * 100_000)),
    "just over 8 KB": lambda: sign(changed(sid="x" * 6000)),
}


@pytest.mark.parametrize("name", FORGED)
def test_every_invalid_token_gets_the_same_error(verifier: TokenVerifier, name: str) -> None:
    token = FORGED[name]()
    assert code_of(lambda: verifier.verify(token)) == "invalid-token"


def test_clocks_may_differ_slightly(verifier: TokenVerifier) -> None:
    verifier.verify(sign(changed(exp=int(NOW) - 5)))
    verifier.verify(sign(changed(iat=int(NOW) + 5)))
    with pytest.raises(ValueError, match="30 seconds"):
        TokenVerifier(lambda kid: None, leeway=31)


def test_a_missing_token_is_distinguished_from_an_invalid_one(verifier: TokenVerifier) -> None:
    assert code_of(lambda: verifier.verify("")) == "unauthenticated"
    for header in (None, "", "Bearer", "Bearer ", "Basic YTpi", "token"):
        assert code_of(lambda given=header: bearer_token(given)) == "unauthenticated"
    assert bearer_token("bearer abc") == "abc"


def test_a_key_set_keeps_public_signing_keys_only() -> None:
    keys = KeySet.from_document(
        {
            "keys": [
                KEY.as_dict(private=True),
                {"kty": "oct", "k": "AAAA", "kid": "k2"},
                {"kty": "OKP", "crv": "X25519", "x": "AAAA", "kid": "k3"},
                {**KEY.as_dict(private=False), "kid": None},
            ]
        }
    )
    found = keys.find("k1")
    assert found is not None
    assert not found.is_private
    assert [keys.find(kid) for kid in ("k2", "k3", "")] == [None, None, None]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"keys": 1},
        {"keys": [1]},
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "*"}]},
    ],
)
def test_a_malformed_key_set_is_rejected(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="key set"):
        KeySet.from_document(document)


def test_the_widest_scope_of_several_roles_counts() -> None:
    policy = Policy.from_document(POLICY)
    assert policy.scope(("clerk",), "thing:read") == "own"
    assert policy.scope(("clerk", "chief"), "thing:read") == "team"
    assert policy.scope(("chief", "clerk"), "thing:read") == "team"
    assert policy.scope(("clerk",), "thing:end") is None
    assert policy.scope(("unknown",), "thing:read") is None
    assert policy.scope((), "thing:read") is None
    assert policy.roles_with("thing:read", "team") == {"chief"}
    assert policy.roles_with("thing:read", "all") == frozenset()


@pytest.mark.parametrize(
    "document",
    [
        {},
        {**POLICY, "roles": []},
        {**POLICY, "roles": {"clerk": {"thing:read": "everything"}}},
        {**POLICY, "void_users": {"not-a-uuid": 1}},
        {**POLICY, "void_sessions": None},
    ],
)
def test_a_malformed_policy_is_rejected(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Policy.from_document(document)


class Source:
    """A source under the test's control, which counts its calls."""

    def __init__(self) -> None:
        self.policy_document: dict[str, Any] = json.loads(json.dumps(POLICY))
        self.keys_document: dict[str, Any] = {"keys": list(JWKS["keys"])}
        self.down = False
        self.responding = threading.Event()
        self.responding.set()
        self.calls = {"policy": 0, "keys": 0}
        self.etags: list[str | None] = []

    def policy(self, etag: str | None) -> Copy | None:
        return self._copy("policy", self.policy_document, etag)

    def keys(self, etag: str | None) -> Copy | None:
        return self._copy("keys", self.keys_document, etag)

    def _copy(self, what: str, document: dict[str, Any], etag: str | None) -> Copy | None:
        self.calls[what] += 1
        self.etags.append(etag)
        assert self.responding.wait(30)
        if self.down:
            raise OSError("down")
        current = str(hash(json.dumps(document, sort_keys=True)))
        return None if etag == current else Copy(json.loads(json.dumps(document)), current)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def cached(source: Source) -> Iterator[Authority]:
    made = Authority(source, refresh_seconds=3600, clock=lambda: NOW)
    yield made
    made.close()


def test_nothing_is_fetched_before_the_first_use(source: Source, cached: Authority) -> None:
    assert source.calls == {"policy": 0, "keys": 0}
    assert cached.age is None
    assert cached.authenticate(sign()).id == USER
    assert source.calls == {"policy": 1, "keys": 1}
    assert cached.age is not None


def test_a_known_token_is_verified_once(cached: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    token = sign()
    first = cached.authenticate(token)
    monkeypatch.setattr(TokenVerifier, "verify", lambda *_: pytest.fail("verified again"))
    assert cached.authenticate(token) is first


def test_a_known_token_expires_too(source: Source) -> None:
    now = [NOW]
    made = Authority(source, refresh_seconds=3600, clock=lambda: now[0])
    token = sign()
    made.authenticate(token)
    now[0] = NOW + 611
    assert code_of(lambda: made.authenticate(token)) == "invalid-token"
    made.close()


def test_a_new_policy_ends_sessions_and_users(source: Source, cached: Authority) -> None:
    of_session = sign()
    of_user = sign(changed(sid="s2"))
    newer = sign(changed(sid="s3", epoch=4))
    for token in (of_session, of_user, newer):
        cached.authenticate(token)
    source.policy_document["void_sessions"] = ["s1"]
    cached.refresh()
    assert code_of(lambda: cached.authenticate(of_session)) == "session-ended"
    cached.authenticate(of_user)
    source.policy_document["void_users"] = {str(USER).upper(): 4}
    cached.refresh()
    assert code_of(lambda: cached.authenticate(of_user)) == "session-ended"
    assert code_of(lambda: cached.authenticate(of_user)) == "session-ended"
    cached.authenticate(newer)


def test_an_unchanged_policy_is_not_fetched_again(source: Source, cached: Authority) -> None:
    policy = cached.policy
    cached.refresh()
    assert source.etags[:2] == [None, None]
    assert None not in source.etags[2:]
    assert cached.policy is policy


def test_the_last_copy_stays_valid_during_an_outage(source: Source, cached: Authority) -> None:
    token = sign()
    cached.authenticate(token)
    source.down = True
    assert not cached.refresh()
    cached.authenticate(token)
    cached.authenticate(sign(changed(sid="another")))
    source.down = False
    source.policy_document = {"roles": "nonsense"}
    assert not cached.refresh()
    assert cached.policy.scope(("clerk",), "thing:read") == "own"


def test_removing_a_key_invalidates_its_tokens(source: Source, cached: Authority) -> None:
    token = sign()
    cached.authenticate(token)
    source.keys_document = {"keys": [{**OTHER.as_dict(private=False), "kid": "k9"}]}
    cached.refresh()
    assert code_of(lambda: cached.authenticate(token)) == "invalid-token"


def test_unknown_keys_are_fetched_at_a_limited_rate(source: Source, cached: Authority) -> None:
    cached.authenticate(sign())
    new = OKPKey.generate_key("Ed25519", parameters={"kid": "k2"}, private=True)
    source.keys_document["keys"].append(new.as_dict(private=False))
    token = sign(header={**HEADER, "kid": "k2"}, key=new)
    assert cached.authenticate(token).id == USER
    assert source.calls["keys"] == 2
    for number in range(50):
        forged = sign(header={**HEADER, "kid": f"invented-{number}"})
        assert code_of(lambda token=forged: cached.authenticate(token)) == "invalid-token"
    assert source.calls["keys"] == 2


def test_invented_keys_do_not_wait_for_a_hanging_source(source: Source, cached: Authority) -> None:
    cached.authenticate(sign())
    source.responding.clear()
    refreshing = threading.Thread(target=cached.refresh)
    refreshing.start()
    began = time.monotonic()
    for number in range(20):
        forged = sign(header={**HEADER, "kid": f"invented-{number}"})
        assert code_of(lambda token=forged: cached.authenticate(token)) == "invalid-token"
    assert time.monotonic() - began < 10
    source.responding.set()
    refreshing.join(10)


def test_without_a_copy_callers_wait_once_and_then_get_503(
    source: Source, cached: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authority, "FIRST_COPY_SECONDS", 0.2)
    monkeypatch.setattr(authority, "RETRY_SECONDS", 3600)
    source.down = True
    assert code_of(lambda: cached.authenticate(sign())) == "dependency-down"
    began = time.monotonic()
    for _ in range(20):
        assert code_of(lambda: cached.authenticate(sign())) == "dependency-down"
    assert time.monotonic() - began < 2
    source.down = False
    cached.refresh()
    assert cached.authenticate(sign()).id == USER


def test_the_first_callers_share_one_wait(source: Source, cached: Authority) -> None:
    found: list[uuid.UUID] = []
    threads = [
        threading.Thread(target=lambda: found.append(cached.authenticate(sign()).id))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == [USER] * 8
    assert source.calls == {"policy": 1, "keys": 1}


def test_the_token_cache_is_bounded(cached: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authority, "MAX_CACHED_TOKENS", 10)
    for number in range(35):
        cached.authenticate(sign(changed(sid=f"s{number + 10}")))
    assert len(cached._cache) <= 10


def test_a_forked_child_refreshes_by_itself(source: Source) -> None:
    made = Authority(source, refresh_seconds=3600, clock=lambda: NOW)
    made.authenticate(sign())
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # The child must do nothing else: it shares the test run's files.
        try:
            made.authenticate(sign())
            alive = any(thread.name == "kehu-authority" for thread in threading.enumerate())
            os.write(writing, b"yes" if alive else b"no")
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"yes"
    os.waitpid(child, 0)
    made.close()


def test_a_static_source_may_be_changed_in_place() -> None:
    policy = json.loads(json.dumps(POLICY))
    made = Authority(StaticSource(policy, JWKS), refresh_seconds=3600, clock=lambda: NOW)
    made.authenticate(sign())
    policy["void_sessions"].append("s1")
    made.refresh()
    assert code_of(lambda: made.authenticate(sign())) == "session-ended"
    made.close()
