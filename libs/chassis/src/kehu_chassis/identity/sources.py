"""Where the policy and the signing keys come from."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import urllib3


class Copy(NamedTuple):
    """A document as a source returned it, with the ETag for conditional requests."""

    document: Mapping[str, Any]
    etag: str | None = None


class Source(Protocol):
    """A source of the policy and the signing keys.

    Each method returns the current document, or None if the one with this ETag is still current; it
    raises any exception on failure.
    """

    def policy(self, etag: str | None) -> Copy | None:
        """The policy document, see :meth:`Policy.from_document`."""
        ...

    def keys(self, etag: str | None) -> Copy | None:
        """The JWKS document, see :meth:`KeySet.from_document`."""
        ...


class HttpSource:
    """Queries the auth service over HTTP, with short timeouts and ``If-None-Match``."""

    def __init__(self, auth_url: str) -> None:
        self._url = auth_url.rstrip("/")
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=1.0, read=2.0), retries=False, maxsize=2
        )

    def policy(self, etag: str | None) -> Copy | None:
        """Fetch the policy."""
        return self._get("/auth/policy", etag)

    def keys(self, etag: str | None) -> Copy | None:
        """Fetch the signing keys."""
        return self._get("/.well-known/jwks.json", etag)

    def _get(self, path: str, etag: str | None) -> Copy | None:
        headers = {"Accept": "application/json"}
        if etag:
            headers["If-None-Match"] = etag
        response = self._http.request("GET", self._url + path, headers=headers)
        if response.status == 304:
            return None
        if response.status != 200:
            raise ValueError(f"{path} returned {response.status}")
        return Copy(json.loads(response.data), response.headers.get("ETag"))


class StaticSource:
    """Documents in memory, which can be replaced: for tests and single-process tools."""

    def __init__(self, policy: Mapping[str, Any], keys: Mapping[str, Any]) -> None:
        self.policy_document = policy
        self.keys_document = keys

    def policy(self, etag: str | None) -> Copy | None:
        """The current policy document."""
        return Copy(copy.deepcopy(self.policy_document))

    def keys(self, etag: str | None) -> Copy | None:
        """The current JWKS document."""
        return Copy(copy.deepcopy(self.keys_document))
