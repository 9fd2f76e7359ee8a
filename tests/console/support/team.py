"""A team in the browser's stories: a director and an account manager of one department."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.support.stack import RunningStack, Session, eventually

OPPORTUNITIES = "/api/v1/marketing/opportunities"


@dataclass(frozen=True)
class Team:
    """Two people who work together."""

    director: Session
    manager: Session

    def name(self, person: Session) -> str:
        """What a person is called."""
        called: str = person.user["display_name"]
        return called

    def opportunity(self, name: str, *, assigned: bool = False, **fields: Any) -> dict[str, Any]:
        """Create an opportunity of the manager's; ``assigned``: the manager develops it."""
        form = {
            "customer_name": name,
            "success_rate": 40,
            "summary": "年度采购",
            "description": "详谈",
        }
        made: dict[str, Any] = self.manager.post(OPPORTUNITIES, form | fields, 201)
        if assigned:
            path = f"{OPPORTUNITIES}/{made['id']}"
            body = {"assignee_id": self.manager.user["id"]}
            # People come by event, so the director may be known a moment later.
            made = eventually(lambda: self.director.post(f"{path}/assign", body), what="assigned")
        return made

    def read(self, opportunity: dict[str, Any]) -> dict[str, Any]:
        """The opportunity as it is now."""
        found: dict[str, Any] = self.director.get(f"{OPPORTUNITIES}/{opportunity['id']}")
        return found


def new_team(stack: RunningStack, language: str = "zh") -> Team:
    """A new department with a director and an account manager."""
    department = stack.department("华东一部")
    mark = uuid4().hex[:4]
    # Nobody else has their names, so a list shows one of each.
    people = (
        stack.person(role, department_id=department, locale=language, display_name=name + mark)
        for role, name in (("sales_director", "沈牧之"), ("account_manager", "林予安"))
    )
    return Team(*people)
