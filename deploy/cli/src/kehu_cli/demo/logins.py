"""Who can sign in to look around: one person of each role."""

import json
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from kehu_cli.catalogue import CONTRACTS
from kehu_cli.demo.people import Staff
from kehu_cli.demo.target import Target

ELSEWHERE = (
    "Everybody has a random password, which is printed for a Kehu on this machine only;"
    " an administrator can give a new one."
)


def show(staff: Staff, sights: Mapping[str, str], target: Target, console: Console) -> None:
    """Print one person of each role with their password; no password of a Kehu elsewhere."""
    if not target.is_local:
        console.print(ELSEWHERE, soft_wrap=True)
        return
    columns = ("role", "name", "user name", "password")
    table = Table(*columns, title=f"Sign in at {target.gateway_url}", show_lines=bool(sights))
    for column in table.columns[1:]:
        column.no_wrap = True
    if sights:
        table.add_column("sees first")
    for role, label in _roles().items():
        post = next(iter(staff.crew.of(role)), None)
        if post:
            person = staff.people[post.name]
            cells = [label, post.name, person.username, person.password]
            table.add_row(*cells, *([sights[role]] if sights else []))
    console.print(table)


def _roles() -> dict[str, str]:
    """Return what the roles are called in both languages."""
    roles = json.loads((CONTRACTS / "roles.json").read_text(encoding="utf-8"))
    return {role["name"]: f"{role['label']['zh']}\n{role['label']['en']}" for role in roles}
