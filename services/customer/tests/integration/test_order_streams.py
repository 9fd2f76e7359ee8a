"""Any order of arrival, with repetitions, ends in the state of the clean stream."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from .conftest import World, order_data

VERSIONS = 4
_runs = itertools.count()


def _stream(run: str) -> list[tuple[str, dict[str, Any], int]]:
    """Two orders through their lives, one of them with a code that is linked on the way, and
    the announcements of that code."""
    events: list[tuple[str, dict[str, Any], int]] = []
    for version, (kind, status) in enumerate(
        [("placed", 1), ("confirmed", 2), ("shipped", 5), ("paid", 6)], start=1
    ):
        for number in ("A", "B"):
            data = order_data(
                f"{run}-{number}",
                f"2026-01-0{version}",
                number=f"{run}-{number}",
                status=4 if number == "B" and version == VERSIONS else status,
                amount=f"{version}.50",
            )
            events.append((f"sales.order-{kind}.v1", data, version))
    company = {"code": f"{run}-B", "name": f"Company {run}"}
    for version, more in enumerate(
        [{}, {"phone": "1"}, {"name": f"Group {run}", "phone": "2", "region": "south"}], start=1
    ):
        events.append(("sales.customer-changed.v1", company | more, version))
    return events


def _state(world: World, run: str) -> list[Any]:
    query = text("""
        SELECT replace(o.order_no, :run, ''), o.version, o.status, o.total, o.ordered_on, o.lines,
               replace(c.name, :run, ''), c.phone, c.region
        FROM sales_order o LEFT JOIN customer c ON c.id = o.customer_id
        WHERE o.order_no LIKE :run || '-%' ORDER BY 1
    """)
    with world.harness.session() as session:
        return [tuple(row) for row in session.execute(query, {"run": run})]


def _deliver(world: World, run: str, order: list[list[int]]) -> list[Any]:
    events = _stream(run)
    for batch in order:
        world.harness.inbox.handle(
            [
                world.harness.envelope(name, data, subject="s", version=version)
                for name, data, version in (events[index] for index in batch)
            ]
        )
    assert world.harness.failed() == []
    return _state(world, run)


COUNT = len(_stream("x"))


@st.composite
def arrivals(draw: Any) -> list[list[int]]:
    """Every event at least once, some again, in any order, cut into batches anyhow."""
    again = draw(st.lists(st.integers(0, COUNT - 1), max_size=10))
    mixed = draw(st.permutations([*range(COUNT), *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(mixed) - 1), max_size=6)))
    edges = [0, *cuts, len(mixed)]
    return [mixed[a:b] for a, b in itertools.pairwise(edges)]


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=arrivals())
def test_any_arrival_ends_like_the_clean_stream(world: World, order: list[list[int]]) -> None:
    clean = _deliver(world, f"r{next(_runs)}", [[index] for index in range(COUNT)])
    assert _deliver(world, f"r{next(_runs)}", order) == clean
    assert [(row[0], row[1], row[2], *row[6:]) for row in clean] == [
        ("-A", VERSIONS, 6, None, None, None),
        ("-B", VERSIONS, 4, "Company ", "1", "south"),
    ]


RENAMED = ["Acme", "Acme Group", "Acme Holding"]


@st.composite
def batches_of_names(draw: Any) -> list[list[int]]:
    """The versions of a renamed customer, some twice, in any order and any batches."""
    again = draw(st.lists(st.integers(1, len(RENAMED)), max_size=3))
    mixed = draw(st.permutations([*range(1, len(RENAMED) + 1), *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(mixed) - 1), max_size=4)))
    return [mixed[a:b] for a, b in itertools.pairwise([0, *cuts, len(mixed)])]


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(batches=batches_of_names())
def test_a_renamed_customer_is_the_one_of_its_first_name(
    world: World, batches: list[list[int]]
) -> None:
    run = f"n{next(_runs)}"
    world.win(f"{run} Acme")
    for batch in batches:
        world.harness.inbox.handle(
            [
                world.harness.envelope(
                    "sales.customer-changed.v1",
                    {"code": run, "name": f"{run} {RENAMED[version - 1]}", "phone": str(version)},
                    version=version,
                )
                for version in batch
            ]
        )
    assert world.harness.failed() == []
    world.order(run, "2026-01-01")
    page = world.as_(world.executive).get(f"/customers?q={run}")
    [customer] = [item for item in page["items"] if item["name"].startswith(f"{run} ")]
    assert (customer["name"], customer["phone"]) == (f"{run} Acme", "1")
    assert customer["sales_codes"] == [run]
    assert len(world.orders(customer)) == 1
    assert {d["sales"] for d in world.get(customer)["sales_differences"]} == {
        f"{run} Acme Holding",
        "3",
    }
