"""Compares the versions of records that `python -m kehu_<service> versions` prints."""

import heapq
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import NamedTuple


@dataclass(frozen=True)
class Comparison:
    """How a reader's records differ from their owner's, each difference by its subject."""

    type: str
    owner: str
    reader: str
    records: int = field(compare=False)
    missing: frozenset[str]
    other_version: frozenset[tuple[str, int]]
    unknown: frozenset[str]

    @property
    def differs(self) -> bool:
        """Whether reader and owner disagree about any record."""
        return bool(self.missing or self.other_version or self.unknown)

    def lasting_since(self, before: "Comparison") -> "Comparison":
        """Return the differences that both comparisons found."""
        return replace(
            self,
            missing=self.missing & before.missing,
            other_version=self.other_version & before.other_version,
            unknown=self.unknown & before.unknown,
        )


def compare(printed: Mapping[str, Iterable[str]]) -> tuple[Comparison, ...]:
    """Compare each owner with each of its readers, from the output of all services.

    Records of the sales system have no owner among the services and are skipped.
    """
    entries = heapq.merge(*(_entries(service, lines) for service, lines in printed.items()))
    by_type = groupby(entries, lambda entry: entry.type)
    return tuple(found for kind, of_type in by_type for found in _compare(kind, of_type))


class _Entry(NamedTuple):
    """A record of a service; the first entry of each type has no subject and declares the side."""

    type: str
    subject: str
    service: str
    side: str
    version: int


def _entries(service: str, lines: Iterable[str]) -> Iterator[_Entry]:
    """Yield the records of a service in its order.

    Tombstones are skipped: not every service keeps one.
    """
    kind, side = "", ""
    for line in lines:
        found = json.loads(line)
        if isinstance(found, dict):
            kind, side = found["type"], found["side"]
            yield _Entry(kind, "", service, side, 0)
        elif len(found) == 2:
            yield _Entry(kind, found[0], service, side, found[1])


class _Differences:
    """The differences of one reader found so far."""

    def __init__(self) -> None:
        self.missing: set[str] = set()
        self.other_version: set[tuple[str, int]] = set()
        self.unknown: set[str] = set()

    def note(self, subject: str, version: int | None, known: int | None) -> None:
        if known is None:
            self.missing.add(subject)
        elif version is None:
            self.unknown.add(subject)
        elif version != known:
            self.other_version.add((subject, known))


def _compare(kind: str, entries: Iterator[_Entry]) -> Iterator[Comparison]:
    by_subject = groupby(entries, lambda entry: entry.subject)
    _, declarations = next(by_subject)
    sides = {entry.service: entry.side for entry in declarations}
    owner = next((service for service, side in sides.items() if side == "owner"), None)
    if owner is None:
        return
    records = 0
    readers = {service: _Differences() for service, side in sides.items() if side == "reader"}
    for subject, of_subject in by_subject:
        versions = {entry.service: entry.version for entry in of_subject}
        records += owner in versions
        for reader, differences in readers.items():
            if owner in versions or reader in versions:
                differences.note(subject, versions.get(owner), versions.get(reader))
    for reader, found in readers.items():
        yield Comparison(
            kind,
            owner,
            reader,
            records,
            frozenset(found.missing),
            frozenset(found.other_version),
            frozenset(found.unknown),
        )
