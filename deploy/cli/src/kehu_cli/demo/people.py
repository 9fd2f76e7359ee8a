"""Departments and people from the sales team file; everybody signs in and acts as themselves."""

import re
import secrets
import unicodedata
from dataclasses import dataclass

from kehu_cli.demo.book import Book, Member
from kehu_cli.demo.client import DemoError, GatewayClient, Person
from kehu_cli.demo.display import Display
from kehu_cli.demo.waiting import in_parallel

COMPANY = "Head office"

# Passwords are hashed slowly on purpose, and auth hashes two at a time.
PARALLEL_LOGINS = 2

NOT_EMPTY = """\
The demonstration compares every figure with its input, so it needs an empty Kehu. This one has
{users} users. Either play it on a temporary one, which is removed afterwards:
    ./kehu demo --fresh
or delete all data of this one first: ./kehu reset && ./kehu up --detach && ./kehu demo"""


class NotEmpty(DemoError):
    """Kehu has data already."""


@dataclass(frozen=True)
class Staff:
    """Everybody who acts, each with a session of their own."""

    admin: Person
    executive: Person
    service_agent: Person
    directors: dict[str, Person]
    agents: dict[str, Person]
    members: dict[str, Member]

    def director_of(self, agent: str) -> Person:
        """Return the director of an account manager."""
        return self.directors[self.members[agent].director]


@dataclass(frozen=True)
class _Post:
    """A person to create."""

    name: str
    role: str
    department_id: str
    username: str


def require_empty(admin: Person) -> None:
    """Raise NotEmpty where the figures could not be compared."""
    users = admin.total("/auth/users")
    if users > 1:
        raise NotEmpty(NOT_EMPTY.format(users=users))


def hire(gateway: GatewayClient, admin: Person, book: Book, display: Display) -> Staff:
    """Create departments and people; everybody changes their initial password."""
    offices = _departments(admin, book)
    posts = _posts(book, offices)
    with display.task("people hired and signed in", len(posts)) as report:
        people = in_parallel(
            lambda post: _hire(gateway, admin, post), posts, workers=PARALLEL_LOGINS, report=report
        )
    by_role: dict[str, dict[str, Person]] = {}
    for post, person in zip(posts, people, strict=True):
        by_role.setdefault(post.role, {})[post.name] = person
    return Staff(
        admin=admin,
        executive=next(iter(by_role["executive"].values())),
        service_agent=next(iter(by_role["service_agent"].values())),
        directors=by_role["sales_director"],
        agents=by_role["account_manager"],
        members={member.agent: member for member in book.members},
    )


def _departments(admin: Person, book: Book) -> dict[str, str]:
    company = admin.post("/auth/departments", {"name": COMPANY})
    offices = {COMPANY: company["id"]}
    for office in sorted({member.office for member in book.members}):
        body = {"name": office, "parent_id": company["id"]}
        offices[office] = admin.post("/auth/departments", body)["id"]
    return offices


def _posts(book: Book, offices: dict[str, str]) -> list[_Post]:
    wanted = [
        ("Eve Executive", "executive", offices[COMPANY]),
        ("Sam Service", "service_agent", offices[COMPANY]),
    ]
    directors = {member.director: member.office for member in book.members}
    wanted += [(name, "sales_director", offices[at]) for name, at in directors.items()]
    wanted += [(m.agent, "account_manager", offices[m.office]) for m in book.members]
    taken: set[str] = set()
    return [_Post(name, role, at, username(name, taken)) for name, role, at in wanted]


def _hire(gateway: GatewayClient, admin: Person, post: _Post) -> Person:
    initial = secrets.token_urlsafe(16)
    created = admin.post(
        "/auth/users",
        {
            "username": post.username,
            "display_name": post.name,
            "password": initial,
            "roles": [post.role],
            "department_id": post.department_id,
            "locale": "en",
        },
    )
    person = Person(gateway, post.username, initial)
    person.sign_in()
    person.change_password(secrets.token_urlsafe(16))
    if person.id != created["id"]:
        raise DemoError(f"{post.username} signed in as another user")
    return person


def username(name: str, taken: set[str]) -> str:
    """Return a unique username made from the person's name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", ".", plain).strip(".") or "person"
    number, found = 1, base
    while found in taken or found == "admin":
        number += 1
        found = f"{base}{number}"
    taken.add(found)
    return found
