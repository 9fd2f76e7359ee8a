"""The input of a story."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kehu_cli.demo.accounts import SOLD, Account
from kehu_cli.demo.book import Book, Order, name_key
from kehu_cli.demo.churn import Plan
from kehu_cli.demo.service import COMPLAINT, Request


@dataclass(frozen=True)
class Company:
    """What a company has besides its pipeline and its orders; of a file almost nothing is known.

    ``late_orders`` are placed after the churn scan, by customers who had stopped ordering.
    """

    accounts: tuple[Account, ...] = ()
    products: tuple[Mapping[str, Any], ...] = ()
    stock: tuple[Mapping[str, Any], ...] = ()
    requests: tuple[Request, ...] = (COMPLAINT,)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    late_orders: tuple[Order, ...] = ()
    # What a person of each role sees first, in both languages.
    sights: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Script:
    """The input of a story."""

    book: Book
    orders: tuple[Order, ...]
    # Orders of a file belong to customers that were not won; each is one event, of a paid order.
    from_file: bool
    as_of: date
    workers: int
    company: Company = Company()

    def kept(self) -> list[Account]:
        """Return the customers that people enter or win."""
        return [account for account in self.company.accounts if account.origin != SOLD]

    def known(self) -> dict[str, str]:
        """Return the customers before the sales system names any: normalised name to name."""
        return {account.key: account.name for account in self.kept()} | self.book.companies()

    def customers(self) -> dict[str, str]:
        """Return all customers expected in the end: normalised name to name."""
        return {name_key(order.customer): order.customer for order in self.orders} | self.known()

    def unmanaged(self) -> set[str]:
        """Return the customers that stay without an account manager."""
        return set() if self.from_file else self.customers().keys() - self.known().keys()

    def industries(self) -> dict[str, str | None]:
        """Return the industry of each of these customers, None where the input has none."""
        found = {name_key(deal.company): deal.industry for deal in self.book.won}
        found |= {account.key: account.form.get("industry") for account in self.kept()}
        return {key: found.get(key) for key in self.customers()}

    def details(self) -> dict[str, Mapping[str, Any]]:
        """Return what the sales system knows of the customers that only it has, by name."""
        sold = [account for account in self.company.accounts if account.origin == SOLD]
        return {account.name: account.form for account in sold}
