"""Access tokens: one algorithm, one kind of header, strict JSON, known keys only."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, cast
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from kehu_chassis.identity.policy import Caller, Kind
from kehu_chassis.problems import Problem

ISSUER = "kehu"
AUDIENCE = "kehu"
ALGORITHM = "Ed25519"
TOKEN_TYPE = "at+jwt"
MAX_TOKEN_BYTES = 8192
LEEWAY_SECONDS = 10

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)


class KeySet:
    """The public signing keys by key id; anything but Ed25519 keys is left out."""

    def __init__(self, keys: Mapping[str, OKPKey]) -> None:
        self._keys = dict(keys)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> KeySet:
        """Build the key set from a JWKS document; ValueError if it is malformed."""
        keys: dict[str, OKPKey] = {}
        try:
            for entry in document["keys"]:
                kid = entry.get("kid")
                if entry.get("kty") != "OKP" or entry.get("crv") != "Ed25519" or not kid:
                    continue
                # Only the public half is kept, whatever the document contains.
                keys[str(kid)] = OKPKey.import_key(
                    {"kty": "OKP", "crv": "Ed25519", "x": str(entry["x"]), "kid": str(kid)}
                )
        except (KeyError, TypeError, ValueError, AttributeError, JoseError) as error:
            raise ValueError(f"not a key set document: {error!r}") from error
        return cls(keys)

    def find(self, kid: str) -> OKPKey | None:
        """The key with this id, or None."""
        return self._keys.get(kid)


def unauthenticated() -> Problem:
    """The request has no token."""
    return Problem(401, "unauthenticated", headers={"WWW-Authenticate": 'Bearer realm="kehu"'})


def refused(code: str) -> Problem:
    """The request has a token, but it is not accepted."""
    challenge = 'Bearer realm="kehu", error="invalid_token"'
    return Problem(401, code, headers={"WWW-Authenticate": challenge})


def bearer_token(authorization: str | None) -> str:
    """The token of an Authorization header; raises Problem 401 if there is none."""
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthenticated()
    return token


class TokenVerifier:
    """Checks an access token completely: form, header, signature, claims.

    The algorithm is fixed here and never read from the token; the header may hold ``alg``, ``kid``
    and ``typ`` only, so a token can name neither a key URL nor a critical extension.
    """

    def __init__(
        self,
        find_key: Callable[[str], OKPKey | None],
        issuer: str = ISSUER,
        audience: str = AUDIENCE,
        *,
        leeway: float = LEEWAY_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not 0 <= leeway <= 30:
            raise ValueError("the leeway for clock differences is at most 30 seconds")
        self._find_key = find_key
        self._issuer = issuer
        self._audience = audience
        self._leeway = leeway
        self._clock = clock

    def verify(self, token: str) -> Caller:
        """The caller that the token identifies; raises Problem 401 if it is not valid."""
        if not token:
            raise unauthenticated()
        try:
            return self._verified(token)
        except (ValueError, TypeError, KeyError, RecursionError, JoseError):
            # Callers must not learn which check failed: the response is always the same.
            raise refused("invalid-token") from None

    def _verified(self, token: str) -> Caller:
        if len(token) > MAX_TOKEN_BYTES:
            raise ValueError("too long")
        match = _COMPACT.fullmatch(token)
        if match is None:
            raise ValueError("not a compact token")
        header = _json_object(_decoded(match[1]))
        if header.keys() != {"alg", "kid", "typ"}:
            raise ValueError("unexpected header")
        if header["alg"] != ALGORITHM or header["typ"] != TOKEN_TYPE:
            raise ValueError("wrong algorithm or token type")
        key = self._find_key(_text(header["kid"]))
        if key is None:
            raise ValueError("unknown key")
        payload, _ = _decoded(match[2]), _decoded(match[3])
        jws.deserialize_compact(token.encode("ascii"), key, algorithms=[ALGORITHM])
        return self._caller(_json_object(payload))

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        audience = claims["aud"]
        audiences = audience if isinstance(audience, list) else [audience]
        if claims["iss"] != self._issuer or self._audience not in audiences:
            raise ValueError("wrong issuer or audience")
        now = self._clock()
        expires_at = _seconds(claims["exp"])
        if expires_at + self._leeway <= now:
            raise ValueError("expired")
        if max(_seconds(claims["iat"]), _seconds(claims.get("nbf", 0))) > now + self._leeway:
            raise ValueError("not valid yet")
        kind = claims["kind"]
        if kind not in ("user", "service"):
            raise ValueError("unknown kind of caller")
        epoch = claims["epoch"]
        must_change_password = claims.get("must_change_password", False)
        if type(epoch) is not int or type(must_change_password) is not bool:
            raise TypeError("wrong type of claim")
        roles = claims["roles"]
        if not isinstance(roles, list):
            raise TypeError("roles must be a list of names")
        department = claims["department_id"]
        language = claims.get("locale")
        if language is not None:
            language = _text(language)
        return Caller(
            id=UUID(_text(claims["sub"])),
            kind=cast(Kind, kind),
            roles=tuple(_text(role) for role in roles),
            department_id=None if department is None else UUID(_text(department)),
            session_id=_text(claims["sid"]),
            epoch=epoch,
            must_change_password=must_change_password,
            expires_at=expires_at,
            language=language,
        )


def _decoded(segment: str) -> bytes:
    """Decode base64url, rejecting non-canonical encodings."""
    try:
        raw = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != segment:
        raise ValueError("not canonical base64url")
    return raw


def _json_object(raw: bytes) -> dict[str, Any]:
    """Parse strict JSON: no duplicate keys, no NaN or Infinity, an object at the top."""
    value = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("a text is required")
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a number of seconds is required")
    try:
        seconds = float(value)
    except OverflowError as error:
        raise ValueError("a number of seconds is required") from error
    if not math.isfinite(seconds):
        raise ValueError("a finite number of seconds is required")
    return seconds
