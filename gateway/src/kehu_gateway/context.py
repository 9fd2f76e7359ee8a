"""A request, and what deciding it has established so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kehu_chassis.identity.policy import Caller
from kehu_gateway.browsers import Browser
from kehu_gateway.headers import Client
from kehu_gateway.routes import Operation
from kehu_gateway.targets import Target


@dataclass(slots=True)
class RequestContext:
    """``secret`` is that of a browser's session, whose token becomes the ``authorization``;
    ``renew`` replaces that token by another."""

    method: str
    target: Target
    authorization: str | None
    client: Client
    browser: Browser
    request_id: str
    secret: str | None = None
    operation: Operation | None = None
    caller: Caller | None = None
    renew: Callable[[], None] | None = None
    status: int = 0
