"""Who is calling and what they may do: access tokens, signing keys, and the policy.

Every process that serves HTTP verifies the access token itself; no identity header is trusted.
:class:`Authority` is all that a process needs: it keeps the current policy and signing keys fresh
in the background and turns a token into a :class:`Caller`. Nothing is fetched and no thread is
started before its first use, so an application can be built before gunicorn forks.
"""

from kehu_chassis.identity.authority import Authority, HttpAuthority
from kehu_chassis.identity.policy import Caller, Kind, Policy, Scope
from kehu_chassis.identity.sources import Copy, HttpSource, Source, StaticSource
from kehu_chassis.identity.tokens import (
    ALGORITHM,
    AUDIENCE,
    ISSUER,
    TOKEN_TYPE,
    KeySet,
    TokenVerifier,
    bearer_token,
    unauthenticated,
)

__all__ = [
    "ALGORITHM",
    "AUDIENCE",
    "ISSUER",
    "TOKEN_TYPE",
    "Authority",
    "Caller",
    "Copy",
    "HttpAuthority",
    "HttpSource",
    "KeySet",
    "Kind",
    "Policy",
    "Scope",
    "Source",
    "StaticSource",
    "TokenVerifier",
    "bearer_token",
    "unauthenticated",
]
