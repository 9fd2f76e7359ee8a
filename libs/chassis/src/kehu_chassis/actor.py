"""Who acts: the person or service account that sent a request, or the system itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

SYSTEM_ID = UUID(int=0)


def _all(_permission: str) -> str | None:
    return "all"


@dataclass(frozen=True)
class Actor:
    """The person, service account or system that runs a use case.

    ``scope(permission)`` is ``own``, ``team``, ``all`` or None; ``leader_roles(permission)`` names
    the roles that hold the permission for their team. ``language`` is that of the profile.
    """

    id: UUID
    kind: str
    roles: tuple[str, ...] = ()
    department_id: UUID | None = None
    session_id: str = ""
    language: str | None = None
    scope: Callable[[str], str | None] = field(default=_all, repr=False, compare=False)
    leader_roles: Callable[[str], frozenset[str]] = field(
        default=lambda _permission: frozenset(), repr=False, compare=False
    )

    @property
    def is_system(self) -> bool:
        """True for changes made by event handlers and jobs."""
        return self.kind == "system"


SYSTEM = Actor(id=SYSTEM_ID, kind="system")
