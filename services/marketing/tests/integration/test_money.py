"""Amounts of opportunities in the decimals of their currencies, and all faults at once."""

from typing import Any

import pytest
from sqlalchemy import text

from kehu_chassis.testing import Harness

from .conftest import FORM, People


def _errors(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.text
    return sorted((error["pointer"], error["code"]) for error in response.get_json()["errors"])


@pytest.mark.parametrize(
    ("currency", "sent", "amount"),
    [
        ("KWD", "1.005", "1.005"),
        ("KWD", "5", "5.000"),
        ("JPY", "5.00", "5"),
        ("CLF", "5", "5.0000"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(
    harness: Harness, people: People, currency: str, sent: str, amount: str
) -> None:
    form = FORM | {"expected_amount": sent, "currency": currency}
    made = harness.as_(people.manager).post("/opportunities", form, 201)
    assert made["expected_amount"] == amount
    [event] = harness.published("marketing.opportunity-changed.v1")
    assert event["data"]["expected_amount"] == amount


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({"currency": "AAA"}, [("/currency", "unknown-currency")]),
        ({"currency": "XXX"}, [("/currency", "unknown-currency")]),
        ({"currency": "JPY", "expected_amount": "0.5"}, [("/expected_amount", "too-precise")]),
        ({"currency": "KWD", "expected_amount": "1.0001"}, [("/expected_amount", "too-precise")]),
        ({"expected_amount": "1.001"}, [("/expected_amount", "too-precise")]),
        (
            {"customer_name": None, "expected_amount": "1.001"},
            [("/customer_name", "customer-or-name"), ("/expected_amount", "too-precise")],
        ),
    ],
)
def test_wrong_money_is_refused_with_all_other_faults(
    harness: Harness, people: People, form: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    body = {name: value for name, value in (FORM | form).items() if value is not None}
    client = harness.as_(people.manager)
    assert _errors(client.request("POST", "/opportunities", body)) == errors


def test_another_currency_must_fit_the_amounts_that_stay(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    client, path = harness.as_(people.manager), f"/opportunities/{developing['id']}/progress"
    changed = client.expect(
        200, "PATCH", path, {"expected_amount": "10.50"}, if_match=developing["version"]
    )
    refused = client.request("PATCH", path, {"currency": "JPY"}, if_match=changed["version"])
    assert _errors(refused) == [("/expected_amount", "too-precise")]
    moved = client.expect(200, "PATCH", path, {"currency": "KWD"}, if_match=changed["version"])
    assert moved["expected_amount"] == "10.500"


def test_winning_names_all_that_is_wrong_with_the_amount(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    client, path = harness.as_(people.manager), f"/opportunities/{developing['id']}"
    refused = client.request("POST", f"{path}/win", {"amount": "1.001"})
    assert _errors(refused) == [("/amount", "too-precise")]
    with harness.session() as session:  # as the previous release stored it
        session.execute(text("UPDATE opportunity SET currency = 'ABC', expected_amount = NULL"))
        session.commit()
    refused = client.request("POST", f"{path}/win", {})
    assert _errors(refused) == [("/amount", "amount-missing"), ("/currency", "unknown-currency")]
    shown = client.get(path)
    mended = client.expect(
        200, "PATCH", f"{path}/progress", {"currency": "JPY"}, if_match=shown["version"]
    )
    assert client.post(f"{path}/win", {"amount": "500"})["amount"] == "500"
    assert mended["currency"] == "JPY"


def test_an_export_shows_what_the_list_shows(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    for user, status, lines in (
        (people.director, 200, 2), (people.other_director, 200, 1), (people.executive, 200, 2),
        (people.manager, 403, None),
    ):  # fmt: skip
        response = harness.as_(user).request("GET", "/opportunities/export")
        assert response.status_code == status
        assert lines is None or len(response.text.splitlines()) == lines
