"""The caller of a request, and the policy that defines the scope of each permission."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

Scope = Literal["own", "team", "all"]
Kind = Literal["user", "service"]

_WIDTH: dict[Scope, int] = {"own": 1, "team": 2, "all": 3}


@dataclass(frozen=True, slots=True)
class Caller:
    """The person or service account that a verified access token identifies."""

    id: UUID
    kind: Kind
    roles: tuple[str, ...]
    department_id: UUID | None
    session_id: str
    epoch: int
    must_change_password: bool
    expires_at: float
    language: str | None = None


class Policy:
    """The permissions of each role and the sessions that were ended early. Immutable."""

    def __init__(
        self,
        roles: Mapping[str, Mapping[str, Scope]],
        void_users: Mapping[str, int],
        void_sessions: Iterable[str],
    ) -> None:
        self._roles = {role: dict(permissions) for role, permissions in roles.items()}
        self._void_users = dict(void_users)
        self._void_sessions = frozenset(void_sessions)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Policy:
        """Build the policy from the response of the auth service; ValueError if it is malformed."""
        try:
            roles = {
                str(role): {str(name): _scope(scope) for name, scope in permissions.items()}
                for role, permissions in document["roles"].items()
            }
            void_users = {
                str(UUID(user)): int(epoch) for user, epoch in document["void_users"].items()
            }
            return cls(roles, void_users, [str(sid) for sid in document["void_sessions"]])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a policy document: {error!r}") from error

    def scope(self, roles: Iterable[str], permission: str) -> Scope | None:
        """The widest scope that these roles have for the permission; None without it."""
        widest: Scope | None = None
        for role in roles:
            found = self._roles.get(role, {}).get(permission)
            if found is not None and (widest is None or _WIDTH[found] > _WIDTH[widest]):
                widest = found
        return widest

    def roles_with(self, permission: str, scope: Scope) -> frozenset[str]:
        """The roles that hold the permission with exactly this scope."""
        return frozenset(
            role
            for role, permissions in self._roles.items()
            if permissions.get(permission) == scope
        )

    def is_void(self, caller: Caller) -> bool:
        """Whether the caller's session or all their tokens of this epoch were revoked."""
        if caller.session_id in self._void_sessions:
            return True
        return caller.epoch < self._void_users.get(str(caller.id), 0)


def _scope(value: object) -> Scope:
    for scope in _WIDTH:
        if value == scope:
            return scope
    raise ValueError(f"unknown data scope {value!r}")
