"""Where the policy and the signing keys come from."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import urllib3


class Copy(NamedTuple):
    """One document as a source gave it, with the tag to ask for changes by."""

    document: Mapping[str, Any]
    etag: str | None = None


class Source(Protocol):
    """Something that knows the policy and the signing keys.

    Each method answers the current document, or None when the one with this etag is still current,
    and raises anything when it does not know.
    """

    def policy(self, etag: str | None) -> Copy | None:
        """The policy document, see :meth:`Policy.from_document`."""
        ...

    def keys(self, etag: str | None) -> Copy | None:
        """The JWKS document, see :meth:`KeySet.from_document`."""
        ...


class HttpSource:
    """Asks the auth service over HTTP, with short time-outs and ``If-None-Match``."""

    def __init__(self, auth_url: str) -> None:
        self._url = auth_url.rstrip("/")
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=1.0, read=2.0), retries=False, maxsize=2
        )

    def policy(self, etag: str | None) -> Copy | None:
        """Ask for the policy."""
        return self._get("/auth/policy", etag)

    def keys(self, etag: str | None) -> Copy | None:
        """Ask for the signing keys."""
        return self._get("/.well-known/jwks.json", etag)

    def _get(self, path: str, etag: str | None) -> Copy | None:
        headers = {"Accept": "application/json"}
        if etag:
            headers["If-None-Match"] = etag
        answer = self._http.request("GET", self._url + path, headers=headers)
        if answer.status == 304:
            return None
        if answer.status != 200:
            raise ValueError(f"{path} answered {answer.status}")
        return Copy(json.loads(answer.data), answer.headers.get("ETag"))


class StaticSource:
    """Documents held in memory, which may be replaced: for tests and single-process tools."""

    def __init__(self, policy: Mapping[str, Any], keys: Mapping[str, Any]) -> None:
        self.policy_document = policy
        self.keys_document = keys

    def policy(self, etag: str | None) -> Copy | None:
        """The policy document held now."""
        return Copy(copy.deepcopy(self.policy_document))

    def keys(self, etag: str | None) -> Copy | None:
        """The JWKS document held now."""
        return Copy(copy.deepcopy(self.keys_document))
