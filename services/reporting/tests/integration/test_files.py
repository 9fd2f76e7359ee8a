"""Reports as files, in the caller's scope, and audited."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

import openpyxl
import pytest

from kehu_chassis.data.database import new_id
from kehu_chassis.data.listing import DEFAULT_LIMIT
from kehu_chassis.testing import Harness
from kehu_reporting import pages
from kehu_reporting.features.customers import service as customers


def _file(harness: Harness, user: Any, path: str) -> list[dict[str, str]]:
    response = harness.as_(user).request("GET", path)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))


@pytest.fixture
def everything(
    make_customer: Any, make_order: Any, make_warning: Any, lose: Any, make_opportunity: Any,
    staff: Any, pipeline: Any,
) -> None:  # fmt: skip
    """Something for every report: twice for the manager's director, once for the other."""
    for name, manager in (("=1+1", staff.manager), ("Two", staff.manager), ("X", staff.outsider)):
        customer = make_customer(manager, name=name)
        make_order(customer, "12.50")
        make_warning(customer)
        make_opportunity(
            "proposal",
            customer_name=name,
            assignee_id=str(manager.id),
            created_by=str(manager.id),
        )
        lose(customer)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REPORTS = {
    "/customer-contribution?": 2,
    "/customer-contribution/rows?": 2,
    "/customer-composition?status=lost&by=level&": 1,
    "/customer-composition/rows?status=lost&": 2,
    "/customer-churn?": 2,
    "/customer-churn/rows?": 2,
    "/customer-churn/warnings/rows?": 2,
    "/sales-funnel?": 9,
    "/sales-funnel/rows?": 2,
}


def _export(path: str, kind: str = "csv") -> str:
    return f"{path.replace('?', '/export?')}format={kind}"


@pytest.mark.parametrize("path", list(REPORTS))
def test_every_report_is_a_file_in_the_readers_scope(
    harness: Harness, staff: Any, everything: None, path: str
) -> None:
    rows = _file(harness, staff.director, _export(path))
    assert len(rows) == REPORTS[path]
    items = harness.as_(staff.director).get(path)["items"]
    assert len(items) == len(rows)
    for row in rows:
        assert row.get("Customer", "Two") in ("'=1+1", "Two")
        assert row.get("Account manager", "Manager") == "Manager"


@pytest.mark.parametrize("path", list(REPORTS))
def test_every_report_is_a_workbook_of_the_same_rows(
    harness: Harness, staff: Any, everything: None, path: str
) -> None:
    response = harness.as_(staff.director).request("GET", _export(path, "xlsx"))
    assert response.mimetype == XLSX
    assert response.headers["Content-Disposition"].endswith('.xlsx"')
    page: Any = openpyxl.load_workbook(io.BytesIO(response.data)).active
    header, *rows = page.iter_rows(values_only=True)
    of_csv = _file(harness, staff.director, _export(path))
    assert list(header) == list(of_csv[0])
    assert len(rows) == REPORTS[path]


def test_a_file_holds_all_rows_not_a_page(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any
) -> None:
    for number in range(DEFAULT_LIMIT + 1):
        make_order(make_customer(staff.manager, name=f"C{number}"), "12.50")
    for path in ("/customer-contribution", "/customer-contribution/rows"):
        assert len(harness.as_(staff.director).get(path)["items"]) == DEFAULT_LIMIT
        rows = _file(harness, staff.director, f"{path}/export")
        assert [row["Amount"] for row in rows] == ["12.50"] * (DEFAULT_LIMIT + 1)


@pytest.mark.parametrize("path", ["/customer-contribution?", "/customer-contribution/rows?"])
def test_too_many_rows_are_refused_not_truncated(
    harness: Harness, staff: Any, everything: None, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MAX_ROWS", 1)
    problem = harness.as_(staff.director).get(_export(path), 422)
    assert problem["code"] == "report-too-large"
    assert problem["params"] == {"limit": 1}
    monkeypatch.setattr(pages, "MAX_ROWS", 2)
    assert len(_file(harness, staff.director, _export(path))) == 2


def test_a_file_may_be_of_more_customers_than_a_statement_has_parameters(
    harness: Harness, make_customer: Any
) -> None:
    known = UUID(make_customer()["id"])
    with harness.session() as session:
        found = customers.labels(session, [known, *(new_id() for _ in range(65_536))])
    assert set(found) == {known}


def test_the_funnel_as_a_file_has_a_row_per_stage_and_currency(
    harness: Harness, staff: Any, pipeline: Any, make_opportunity: Any
) -> None:
    make_opportunity("proposal", currency="CNY", expected_amount="1.00")
    make_opportunity("proposal", currency="USD", expected_amount="2.00")
    rows = _file(harness, staff.executive, "/sales-funnel/export")
    proposal = [row for row in rows if row["Stage"] == "proposal"]
    assert [
        (r["Currency"], r["Count"], r["Amount"], r["Reached"], r["Completed stays"])
        for r in proposal
    ] == [
        ("CNY", "1", "1.00", "2", "0"),
        ("USD", "1", "2.00", "", ""),
    ]
    assert len(rows) == 10
    report = harness.as_(staff.executive).get("/sales-funnel")
    for field, column in (("count", "Count"), ("reached", "Reached"), ("stays", "Completed stays")):
        reported = sum(item[field] for item in report["items"])
        assert sum(int(row[column] or 0) for row in rows) == reported


def test_exports_are_audited_and_reading_is_not(
    harness: Harness, staff: Any, everything: None
) -> None:
    harness.as_(staff.director).get("/customer-contribution")
    assert harness.published() == []
    _file(harness, staff.director, "/customer-contribution/export?year=2026")
    entry = harness.published("reporting.audit-recorded.v1")[0]["data"]
    assert (entry["action"], entry["record_type"]) == ("exported", "customer-contribution")
    assert entry["actor_id"] == str(staff.director.id)
    changes = {change["field"]: change["new"] for change in entry["changes"]}
    assert changes == {"year": 2026, "rows": 2}


@pytest.mark.parametrize("path", list(REPORTS))
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_report_is_exported_with_labels(
    harness: Harness, staff: Any, everything: None, path: str, kind: str
) -> None:
    response = harness.as_(staff.director, locale="zh").request("GET", _export(path, kind))
    assert response.status_code == 200, response.text
    if kind == "csv":
        header, *rows = csv.reader(io.StringIO(response.data.decode("utf-8-sig")))
    else:
        page: Any = openpyxl.load_workbook(io.BytesIO(response.data)).active
        header, *rows = page.iter_rows(values_only=True)
    assert len(rows) == REPORTS[path]
    assert len(set(header)) == len(header)
    assert not [name for name in header if str(name).isascii()]


def test_codes_are_labels_in_the_callers_language(
    harness: Harness, staff: Any, everything: None
) -> None:
    path = "/customer-churn/warnings/rows/export"
    for accept, column, state in (("en", "State", "Open"), ("zh", "状态", "待处理")):
        client = harness.as_(staff.director)
        response = client.request("GET", path, accept_language=accept)
        rows = csv.DictReader(io.StringIO(response.data.decode("utf-8-sig")))
        assert {row[column] for row in rows} == {state}


def test_an_export_takes_no_page(harness: Harness, staff: Any, everything: None) -> None:
    refused = harness.as_(staff.director).get("/customer-contribution/export?limit=1", 422)
    assert refused["errors"][0]["code"] == "unknown-field"
    harness.as_(staff.director).get("/customer-contribution/export?format=json", 422)
