"""The companies among which the customer of a code is found: existing and new ones."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from kehu_chassis.data.search import normalise
from kehu_customer.features.customers import service as customers


class Companies:
    """Customers by their marks, the oldest first.

    Each has ``id`` and ``number`` (None while it is being made), ``registration_no`` and ``name``.
    """

    def __init__(self, found: Iterable[customers.Customer]) -> None:
        self._known: dict[tuple[str, Any], list[Any]] = {}
        for customer in found:
            self.add(customer)

    def add(self, record: Any) -> None:
        """Make a company findable by its present marks."""
        marks = (
            ("id", record.id),
            ("number", record.number),
            ("registration", customers.registration_key(record.registration_no)),
            ("name", normalise(record.name)),
        )
        for mark in marks:
            if mark[1] is not None and not _is_among(record, self._known.get(mark, [])):
                self._known.setdefault(mark, []).append(record)

    def remove(self, record: Any) -> None:
        """Find a company no longer."""
        for mark, records in self._known.items():
            self._known[mark] = [other for other in records if other is not record]

    def by_id(self, ident: UUID | None) -> Any:
        """The customer of that id, or None."""
        return self._first("id", ident)

    def numbered(self, number: str | None) -> Any:
        """The customer of that number, or None."""
        return self._first("number", number)

    def registered(self, registration_no: str | None) -> Any:
        """The oldest company of that registration number, or None."""
        key = customers.registration_key(registration_no)
        for record in self._known.get(("registration", key), []):
            if customers.registration_key(record.registration_no) == key:
                return record
        return None

    def named(self, name: str, registration_no: str | None) -> Any:
        """The oldest company of that name whose registration number does not contradict."""
        for record in self._of_name(name):
            if not customers.contradict(record.registration_no, registration_no):
                return record
        return None

    def namesake_of(self, record: Any) -> Any:
        """An older company of the same name, whose registration number therefore contradicts."""
        [oldest, *_others] = self._of_name(record.name)
        return None if oldest is record else oldest

    def _of_name(self, name: str) -> list[Any]:
        # A company that was renamed meanwhile is still listed under its former name.
        key = normalise(name)
        known = self._known.get(("name", key), [])
        return [record for record in known if normalise(record.name) == key]

    def _first(self, kind: str, value: Any) -> Any:
        return next(iter(self._known.get((kind, value), [])), None)


def _is_among(record: Any, records: list[Any]) -> bool:
    return any(other is record for other in records)
