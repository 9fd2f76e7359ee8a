"""Departments and people; everybody signs in and acts as themselves."""

import re
import secrets
import unicodedata
from dataclasses import dataclass

from kehu_cli.demo.book import Crew, Post
from kehu_cli.demo.client import DemoError, GatewayClient, Person
from kehu_cli.demo.display import Display
from kehu_cli.demo.waiting import in_parallel

# Passwords are hashed slowly on purpose, and auth hashes two at a time.
PARALLEL_LOGINS = 2

# People type these passwords: no letter or digit looks like another one. 59 bits.
_TYPED = "abcdefghjkmnpqrstuvwxyz23456789"

NOT_EMPTY = """\
The demonstration compares every figure with its input, so it needs an empty Kehu. This one has
{users} users. Either play it on a temporary one, which is removed afterwards:
    ./kehu demo --fresh
or delete all data of this one first: ./kehu reset && ./kehu up --detach && ./kehu demo"""


class NotEmpty(DemoError):
    """Kehu has data already."""


@dataclass(frozen=True)
class Staff:
    """Everybody who acts, each with a session of their own, by name."""

    admin: Person
    crew: Crew
    people: dict[str, Person]

    @property
    def executive(self) -> Person:
        """The first executive, who reads everything."""
        return self._first("executive")

    @property
    def service_agent(self) -> Person:
        """The first service agent."""
        return self._first("service_agent")

    @property
    def agents(self) -> dict[str, Person]:
        """The account managers by name."""
        return self._with("account_manager")

    @property
    def directors(self) -> dict[str, Person]:
        """The directors by name."""
        return self._with("sales_director")

    def director_of(self, agent: str) -> Person:
        """Return the director of an account manager."""
        (director,) = [post.director for post in self.crew.agents if post.name == agent]
        return self.people[director]

    def _first(self, role: str) -> Person:
        return next(iter(self._with(role).values()))

    def _with(self, role: str) -> dict[str, Person]:
        return {post.name: self.people[post.name] for post in self.crew.of(role)}


def require_empty(admin: Person) -> None:
    """Raise NotEmpty where the figures could not be compared."""
    users = admin.total("/auth/users")
    if users > 1:
        raise NotEmpty(NOT_EMPTY.format(users=users))


def hire(gateway: GatewayClient, admin: Person, crew: Crew, display: Display) -> Staff:
    """Create departments and people; everybody changes their initial password."""
    offices = _departments(admin, crew)
    taken: set[str] = set()
    forms = [_form(post, crew, offices, taken) for post in crew.posts]
    with display.task("people hired and signed in", len(forms)) as report:
        people = in_parallel(
            lambda form: _hire(gateway, admin, form), forms, workers=PARALLEL_LOGINS, report=report
        )
    names = [post.name for post in crew.posts]
    return Staff(admin, crew, dict(zip(names, people, strict=True)))


def _departments(admin: Person, crew: Crew) -> dict[str, str]:
    company = admin.post("/auth/departments", {"name": crew.company})
    offices = {"": company["id"]}
    for office in sorted(crew.offices):
        body = {"name": office, "parent_id": company["id"]}
        offices[office] = admin.post("/auth/departments", body)["id"]
    return offices


def _form(post: Post, crew: Crew, offices: dict[str, str], taken: set[str]) -> dict[str, object]:
    return {
        "username": username(post.username or post.name, taken),
        "display_name": post.name,
        "roles": [post.role],
        "department_id": offices[post.office],
        "regions": post.regions,
        "industries": post.industries,
        "locale": crew.locale,
    }


def _hire(gateway: GatewayClient, admin: Person, form: dict[str, object]) -> Person:
    initial = secrets.token_urlsafe(16)
    created = admin.post("/auth/users", form | {"password": initial})
    person = Person(gateway, created["username"], initial)
    person.sign_in()
    person.change_password(new_password())
    if person.id != created["id"]:
        raise DemoError(f"{person.username} signed in as another user")
    return person


def new_password() -> str:
    """Return a random password that people can type."""
    groups = ("".join(secrets.choice(_TYPED) for _ in range(4)) for _ in range(3))
    return "-".join(groups)


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
