"""Lists of the customer service as files, within the reader's scope."""

import csv
import io
from typing import Any

import pytest


def _rows(response: Any) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))


def test_customers_are_exported_within_the_scope_and_without_secrets(world: Any) -> None:
    world.customer(name="Ours", bank="ICBC", account_no="123")
    world.customer(world.outsider, name="Theirs")
    for user, names in (
        (world.director, {"Ours"}), (world.other_director, {"Theirs"}),
        (world.executive, {"Ours", "Theirs"}),
    ):  # fmt: skip
        rows = _rows(world.as_(user).request("GET", "/customers/export?format=csv"))
        assert {row["Name"] for row in rows} == names
        assert not {"ICBC", "123", '="123"'} & {value for row in rows for value in row.values()}
    for user in (world.manager, world.agent, world.admin):
        assert world.as_(user).request("GET", "/customers/export").status_code == 403


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_list_is_exported(world: Any, kind: str) -> None:
    customer = world.customer(sales_codes=["C-1"])
    world.order("C-1", "2026-01-01", currency="KWD", amount="1.5")
    world.mention("C-2")
    world.scan("2026-11-01")
    one = f"/customers/{customer['id']}"
    director = world.as_(world.director)
    for path in (
        "/customers", "/customer-directory", f"{one}/contacts", f"{one}/orders", "/products",
        "/stock", "/unlinked-accounts", "/churn-warnings",
    ):  # fmt: skip
        assert director.request("GET", f"{path}/export?format={kind}").status_code == 200, path
    [order] = _rows(director.request("GET", f"{one}/orders/export"))
    assert (order["Total"], order["Ordered at (day)"]) == ("1.500", "2026-01-01")
    # An executive may export, but does not read unlinked codes.
    executive = world.as_(world.executive)
    assert executive.request("GET", "/unlinked-accounts/export").status_code == 403
    unread = world.as_(world.other_director).request("GET", f"{one}/orders/export")
    assert unread.status_code == 404
