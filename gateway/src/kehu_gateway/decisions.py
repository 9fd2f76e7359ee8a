"""The one decision of the gateway: may this caller do this operation?  Shared by proxy and verify.

A decision costs three dictionary look-ups: the authority caches verified tokens until they expire
and checks them against each new policy, which maps roles to permissions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kehu_chassis.identity.authority import Authority
from kehu_chassis.identity.policy import Caller
from kehu_chassis.identity.refusals import record_of
from kehu_chassis.identity.tokens import bearer_token
from kehu_chassis.problems import Problem, forbidden
from kehu_gateway.context import RequestContext
from kehu_gateway.limits import RateLimit
from kehu_gateway.refusals import Refusals
from kehu_gateway.routes import OWN, Contracts, Operation
from kehu_gateway.sessions import Sessions


class Authorizer:
    """Routes, authenticates, limits and authorises."""

    def __init__(
        self,
        contracts: Contracts,
        authority: Authority,
        sessions: Sessions,
        callers: RateLimit,
        addresses: RateLimit,
        refusals: Refusals,
    ) -> None:
        self._contracts = contracts
        self._authority = authority
        self._sessions = sessions
        self._callers = callers
        self._addresses = addresses
        self._refusals = refusals

    def decide(self, context: RequestContext) -> Operation:
        """Return the operation if it is allowed, else raise the Problem that refuses it."""
        operation = context.operation = self._contracts.router.match(
            context.method, context.target.path
        )
        if operation.permission == "public":
            self._addresses.spend(context.client.host)
        try:
            if operation.service == OWN:
                context.browser.require_own_page(context.method, operation.media_types)
            elif operation.permission != "public":
                self._authorise(context, operation)
        except Problem as problem:
            if problem.status in (401, 403):
                # A refusal counts against the address too, or tokens could be guessed; and does so
                # before it is recorded, or strangers could flood the audit trail.
                self._addresses.spend(context.client.host)
                self._refusals.add(_refusal(context, operation, problem))
            raise
        return operation

    def options(self, path: str) -> list[str]:
        """Return the methods a path allows; Problem 404 if it does not exist."""
        allowed = self._contracts.router.allowed(path)
        if not allowed:
            raise Problem(404, "not-found")
        return sorted({*allowed, "OPTIONS"})

    def _authorise(self, context: RequestContext, operation: Operation) -> None:
        caller = context.caller = self._authenticate(context, operation)
        self._callers.spend(str(caller.id))
        if caller.must_change_password and not operation.before_password_change:
            raise Problem(403, "password-change-required")
        if operation.permission == "authenticated":
            return
        if self._authority.policy.scope(caller.roles, operation.permission) is None:
            raise forbidden(operation.permission)

    def _authenticate(self, context: RequestContext, operation: Operation) -> Caller:
        if context.authorization is not None or context.secret is None:
            return self._authority.authenticate(bearer_token(context.authorization))
        context.browser.require_own_page(context.method, operation.media_types)
        return self._sessions.authenticate(context, context.secret)


def _refusal(context: RequestContext, operation: Operation, problem: Problem) -> Mapping[str, Any]:
    parameters = operation.parameters(context.target.path)
    record_type, record_id = record_of(operation.permission, parameters)
    return {
        "caller_id": str(context.caller.id) if context.caller else None,
        "method": context.method,
        "path": context.target.path[:500],
        "operation": operation.id,
        "permission": operation.permission,
        "record_type": record_type,
        "record_id": record_id[:200] if record_id else None,
        "status": problem.status,
        "code": problem.code,
        "address": context.client.address,
        "request_id": context.request_id,
    }
