"""Comparing the versions that owners and readers of records print."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kehu_cli.operations.versions import Comparison, compare

CUSTOMER, PERSON = "customer.customer-changed.v1", "auth.user-changed.v1"


def printed(*types: tuple[str, str, list[list[Any]]]) -> Iterator[str]:
    """Yield the output of a service for these types."""
    for kind, side, records in types:
        yield json.dumps({"type": kind, "side": side})
        yield from map(json.dumps, records)


def only(found: tuple[Comparison, ...]) -> Comparison:
    (comparison,) = found
    return comparison


def test_equal_records_do_not_differ() -> None:
    records = [["a", 1], ["b", 2]]
    found = only(
        compare(
            {
                "customer": printed((CUSTOMER, "owner", records)),
                "reporting": printed((CUSTOMER, "reader", records)),
            }
        )
    )
    assert (found.type, found.owner, found.reader) == (CUSTOMER, "customer", "reporting")
    assert found.records == 2 and not found.differs


def test_each_kind_of_difference_is_reported() -> None:
    found = only(
        compare(
            {
                "reporting": printed((CUSTOMER, "reader", [["a", 1], ["b", 1], ["d", 7]])),
                "customer": printed((CUSTOMER, "owner", [["a", 1], ["b", 2], ["c", 3]])),
            }
        )
    )
    assert (found.missing, found.other_version, found.unknown) == ({"c"}, {("b", 1)}, {"d"})


def test_deleted_records_are_ignored() -> None:
    found = only(
        compare(
            {
                "customer": printed((CUSTOMER, "owner", [["a", 2, True], ["b", 5, True]])),
                "reporting": printed((CUSTOMER, "reader", [["b", 4], ["c", 9, True]])),
            }
        )
    )
    assert found.records == 0
    assert (found.missing, found.other_version, found.unknown) == (set(), set(), {"b"})


def test_each_reader_is_compared_even_an_empty_one() -> None:
    found = compare(
        {
            "auth": printed((PERSON, "owner", [["p", 1]])),
            "customer": printed((PERSON, "reader", []), (CUSTOMER, "owner", [["a", 1]])),
            "marketing": printed((PERSON, "reader", [["p", 1]]), (CUSTOMER, "reader", [])),
        }
    )
    missing = {(one.type, one.reader): set(one.missing) for one in found}
    assert missing == {
        (PERSON, "customer"): {"p"},
        (PERSON, "marketing"): set(),
        (CUSTOMER, "marketing"): {"a"},
    }


def test_records_without_an_owner_are_not_compared() -> None:
    sold = printed(("sales.product-changed.v1", "reader", [["p", 1]]))
    assert compare({"customer": sold, "auth": printed()}) == ()
