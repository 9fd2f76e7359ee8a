"""What signing in needs of a request: where it came from, and what it is handled with."""

import hmac

from flask import current_app, request

from kehu_auth import environment
from kehu_auth.features.sessions.service import Origin
from kehu_chassis.data.cleaning import clean
from kehu_chassis.data.database import Database
from kehu_chassis.identity import addresses
from kehu_chassis.identity.tokens import bearer_token, unauthenticated
from kehu_chassis.records.refusals import RefusalLog

_DEVICE = 300  # characters of what a client calls itself


def origin() -> Origin:
    """The client's address, and how its program calls itself."""
    device = clean(request.headers.get("User-Agent", ""))[:_DEVICE]
    return Origin(_address(), device or None)


def require_gateway() -> None:
    """401 unless the request has the internal key, which only the gateway knows."""
    given = bearer_token(request.headers.get("Authorization"))
    if not hmac.compare_digest(given.encode(), environment.internal_key().encode()):
        raise unauthenticated()


def secret() -> str:
    """The secret of a browser's session, as the gateway passes it on; empty if there is none."""
    return request.headers.get("X-Kehu-Secret", "")


def _address() -> str:
    """Of X-Forwarded-For if the gateway proves to have written it, else the peer's, as neighbours
    reach this port, too."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    given = request.headers.get(addresses.PROOF_HEADER, "")
    request_id = request.headers.get("X-Request-Id", "")
    if addresses.is_proven(given, environment.internal_key(), forwarded, request_id):
        return forwarded
    return request.remote_addr or ""


def database() -> Database:
    """The database, for use cases that commit by themselves, as a refusal must be kept."""
    found: Database = current_app.extensions["kehu.database"]
    return found


def refusals() -> RefusalLog:
    """Where refused attempts are recorded."""
    found: RefusalLog = current_app.extensions["kehu.refusals"]
    return found
