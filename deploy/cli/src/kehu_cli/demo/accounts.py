"""Customers that people at the company keep: entered by hand, or completed after they were won."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kehu_cli.demo.book import Book, name_key
from kehu_cli.demo.client import Person
from kehu_cli.demo.customers import CUSTOMERS
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.people import Staff
from kehu_cli.demo.waiting import in_parallel, post_when_known

# Who makes a customer: its manager, an opportunity that is won, or the sales system.
ENTERED, WON, SOLD = "entered", "won", "sold"


@dataclass(frozen=True)
class Account:
    """A customer; ``form`` and ``contacts`` are what people know about it."""

    name: str
    origin: str
    manager: str
    form: Mapping[str, Any]
    contacts: tuple[Mapping[str, Any], ...] = ()

    @property
    def key(self) -> str:
        """The name as it is compared."""
        return name_key(self.name)


def enter(
    accounts: Iterable[Account], staff: Staff, display: Display, *, workers: int
) -> dict[str, str]:
    """Let each manager enter their customers; returns ids by normalised name."""
    entered = [account for account in accounts if account.origin == ENTERED]

    def one(account: Account) -> str:
        manager = staff.people[account.manager]
        created = post_when_known(manager, CUSTOMERS, account.form)
        for contact in account.contacts:
            manager.post(f"{CUSTOMERS}/{created['id']}/contacts", contact)
        return str(created["id"])

    if not entered:
        return {}
    with display.task("customers entered by their managers", len(entered)) as report:
        ids = in_parallel(one, entered, workers=workers, report=report)
    return {account.key: ident for account, ident in zip(entered, ids, strict=True)}


def complete(
    accounts: Iterable[Account], customers: Mapping[str, dict[str, Any]], staff: Staff,
    display: Display, *, workers: int,
) -> None:  # fmt: skip
    """Let whoever won a company fill in what is known about it."""
    won = [account for account in accounts if account.origin == WON and account.form]
    if not won:
        return
    by_id = {person.id: person for person in staff.people.values()}

    def one(account: Account) -> None:
        customer = customers[account.key]
        manager = by_id[customer["manager_id"]]
        path = f"{CUSTOMERS}/{customer['id']}"
        manager.patch(path, account.form, version=customer["version"])
        _complete_contacts(account, path, manager)

    with display.task("won customers completed", len(won)) as report:
        in_parallel(one, won, workers=workers, report=report)


def _complete_contacts(account: Account, path: str, manager: Person) -> None:
    known = {name_key(one["name"]): one for one in manager.get(f"{path}/contacts")["items"]}
    for contact in account.contacts:
        there = known.get(name_key(contact["name"]))
        if there:
            address = f"{path}/contacts/{there['id']}"
            manager.patch(address, contact, version=there["version"])
        else:
            manager.post(f"{path}/contacts", contact)


def compare_contacts(
    book: Book, accounts: Iterable[Account], customers: Mapping[str, dict[str, Any]],
    staff: Staff, figures: Figures, workers: int,
) -> None:  # fmt: skip
    """Compare the contacts of all customers with those that people entered and that deals name."""
    named = {(name_key(deal.company), deal.contact) for deal in book.won if deal.contact}
    named |= {(one.key, contact["name"]) for one in accounts for contact in one.contacts}
    ids = [customer["id"] for customer in customers.values()]
    seen = in_parallel(
        lambda one: staff.executive.total(f"{CUSTOMERS}/{one}/contacts"), ids, workers=workers
    )
    figures.compare("contacts", len(named), sum(seen))
