"""All figures of a response are as of one moment, whatever is recorded between its queries."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness

Report = dict[str, Any]


def _whole_list(report: Report) -> bool:
    return bool(report["total"] == len(report["items"]))


AGREEMENT: dict[str, Callable[[Report], bool]] = {
    "/customer-contribution": lambda report: (
        sum(Decimal(item["amount"]) for item in report["items"])
        == Decimal(report["totals"][0]["amount"])
    ),
    "/customer-contribution/rows": _whole_list,
    "/customer-composition/rows": _whole_list,
    "/customer-churn": lambda report: report["total"] == report["lost"],
    "/customer-churn/rows": _whole_list,
    "/customer-churn/warnings/rows": _whole_list,
    "/sales-funnel": lambda report: (
        sum(item["count"] for item in report["items"]) == report["opportunities"]
    ),
    "/sales-funnel/rows": _whole_list,
    "/service-composition/rows": _whole_list,
}


@pytest.fixture
def one_more(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any, make_warning: Any, lose: Any,
    make_opportunity: Any,
) -> Callable[[], None]:  # fmt: skip
    """Records one more of everything that is reported."""

    def make() -> None:
        customer = make_customer(staff.manager)
        make_order(customer, "10.00")
        make_warning(customer)
        lose(make_customer(staff.manager))
        make_opportunity("proposal")
        request = harness.example("service-desk.request-changed.v1") | {"id": str(new_id())}
        harness.deliver("service-desk.request-changed.v1", request, subject=request["id"])

    return make


@pytest.mark.parametrize("path", list(AGREEMENT))
def test_the_figures_of_a_response_agree(
    harness: Harness, staff: Any, one_more: Callable[[], None], path: str
) -> None:
    one_more()

    def meanwhile(*_args: Any) -> None:
        one_more()

    event.listen(harness.database.engine, "after_cursor_execute", meanwhile, once=True)
    client = harness.as_(staff.executive)
    first = client.get(path)
    assert AGREEMENT[path](first)
    assert client.get(path) != first, "the second one is in by now"
