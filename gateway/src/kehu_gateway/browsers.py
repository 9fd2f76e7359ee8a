"""What a request says about the browser that sent it, and whether a page of our own made it.

A browser adds the cookie to requests that pages of others cause, too.  ``SameSite=Strict`` keeps
those of other sites away, but not those of another port or subdomain.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kehu_chassis.problems import Problem
from kehu_gateway.cookies import Cookie, cookie_for
from kehu_gateway.headers import checked_host

_READS = ("GET", "HEAD")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Browser:
    """The browser of one request, as far as its headers tell."""

    __slots__ = ("_require_https", "_scheme", "environ")

    def __init__(self, environ: Mapping[str, Any], scheme: str, *, require_https: bool) -> None:
        self.environ = environ
        self._scheme = scheme
        self._require_https = require_https

    @property
    def cookie(self) -> Cookie | None:
        """The cookie for the address that the browser uses; None if that must be https."""
        host = checked_host(self.environ)
        return cookie_for(self._scheme, host, require_https=self._require_https)

    @property
    def secret(self) -> str | None:
        """The secret that the browser sent."""
        header = self.environ.get("HTTP_COOKIE")
        cookie = self.cookie if header else None
        return cookie.secret_in(header) if header and cookie else None

    def require_own_page(self, method: str, media_types: Collection[str]) -> None:
        """Problem 403 unless a page of this very origin made the request."""
        if not self._is_same_origin(method) or not self._is_by_script(method, media_types):
            raise Problem(403, "cross-site-request")

    def _is_same_origin(self, method: str) -> bool:
        site = self.environ.get("HTTP_SEC_FETCH_SITE")
        if site is not None:
            # "none" is a person who typed an address or chose a bookmark.
            return site == "same-origin" or (site == "none" and method in _READS)
        # Browsers send it to secure origins only; Origin they always send with a change.
        origin = self.environ.get("HTTP_ORIGIN")
        if origin is None:
            return method in _READS
        return _without_default_port(origin) == self._own_origin()

    def _is_by_script(self, method: str, media_types: Collection[str]) -> bool:
        """Whether a change has what a form cannot send: a header, and a type of our own."""
        if method in _READS:
            return True
        if self.environ.get("HTTP_X_KEHU_CONSOLE") != "1":
            return False
        media_type = self.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        return media_type in media_types or (not media_type and not self._has_body())

    def _has_body(self) -> bool:
        length = self.environ.get("CONTENT_LENGTH") or "0"
        return length != "0" or "HTTP_TRANSFER_ENCODING" in self.environ

    def _own_origin(self) -> str:
        return _without_default_port(f"{self._scheme}://{checked_host(self.environ)}")


def _without_default_port(origin: str) -> str:
    lower = origin.lower()
    scheme = lower.partition(":")[0]
    return lower.removesuffix(_DEFAULT_PORTS.get(scheme, ""))
