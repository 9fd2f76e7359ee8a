"""ETags: the version of the record, for If-Match, and a digest of what was sent, for If-None-Match.

A response shows more than the record: names from elsewhere, and what the caller may do. These
change without a new version, so the version alone would hide the change behind a 304.
"""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, request

_DIGITS = 20  # more than a version can have, so that a digest is never read as one


def tagged(response: Response, version: Any) -> Response:
    """The response with its ETag; 304 without a body if a GET names that tag.

    Streams and files have none: they are sent as they are made, and not kept by clients.
    """
    reads, of_record = request.method in ("GET", "HEAD"), isinstance(version, int)
    if response.status_code >= 300 or not response.is_json or "ETag" in response.headers:
        return response
    if not reads and not of_record:
        return response
    digest = hashlib.sha256(response.get_data()).hexdigest()[:_DIGITS]
    tag = f"{version}-{digest}" if of_record else digest
    response.set_etag(tag)
    if not reads:
        return response
    # To be asked for each time, as it may change each time; never for another person.
    headers = {"ETag": response.headers["ETag"], "Cache-Control": "private, no-cache"}
    if request.if_none_match.contains_weak(tag):
        return Response(status=304, headers=headers)
    response.headers.update(headers)
    return response
