"""Lists as files: the rows, the scope, the limits and the entry in the audit trail."""

import csv
import io
from typing import Any

import openpyxl
import pytest

from kehu_chassis.testing import Harness
from kehu_chassis.testing.harness import Client
from kehu_chassis.web import exports


def _rows(response: Any) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))


@pytest.fixture
def boss(harness: Harness) -> Client:
    return harness.as_(harness.user("boss"))


def test_a_list_is_exported_with_its_filter_and_order(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "_PAGE", 2)
    for number in range(5):
        boss.post("/notes", {"title": f"00{number}", "amount": str(number)}, 201)
    response = boss.request("GET", "/notes/export?sort=-title&amount_from=1")
    assert [row["Title"] for row in _rows(response)] == [f'="00{n}"' for n in (4, 3, 2, 1)]
    assert [row["amount"] for row in _rows(response)] == ["4.00", "3.00", "2.00", "1.00"]
    assert response.headers["Content-Disposition"] == 'attachment; filename="notes.csv"'
    workbook = boss.request("GET", "/notes/export?format=xlsx&sort=title")
    page = openpyxl.load_workbook(io.BytesIO(workbook.data)).active
    assert page is not None
    column = [cell.value for cell in page[1]].index("Title") + 1
    assert [page.cell(row, column).value for row in range(2, 7)] == [f"00{n}" for n in range(5)]


def test_an_export_is_in_the_audit_trail_with_filter_and_rows(
    harness: Harness, boss: Client
) -> None:
    boss.post("/notes", {"title": "x", "amount": "1"}, 201)
    boss.request("GET", "/notes/export?amount_from=1&sort=title")
    [entry] = [
        event["data"]
        for event in harness.published("notes.audit-recorded.v1")
        if event["data"]["action"] == "exported"
    ]
    assert (entry["operation"], entry["record_type"]) == ("export_notes", "notes")
    assert {change["field"]: change["new"] for change in entry["changes"]} == {
        "amount_from": "1",
        "rows": 1,
    }


def test_pages_and_unknown_formats_are_refused(boss: Client) -> None:
    for query in ("limit=5", "cursor=x", "format=pdf"):
        assert boss.request("GET", f"/notes/export?{query}").status_code == 422


def test_an_export_has_a_permission_of_its_own(harness: Harness) -> None:
    for role in ("leader", "member", "reader", "guest"):
        client = harness.as_(harness.user(role))
        assert client.request("GET", "/notes/export").status_code == 403


def test_a_list_that_is_too_long_is_refused_and_not_recorded(
    harness: Harness, boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss.post("/notes", {"title": "a"}, 201)
    boss.post("/notes", {"title": "b"}, 201)
    monkeypatch.setattr(exports.system_settings, "get", lambda *_: 1)
    refused = boss.request("GET", "/notes/export")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "export-too-large")
    monkeypatch.setattr(exports.system_settings, "get", lambda *_: 100)
    monkeypatch.setattr(exports, "SECONDS", -1.0)
    refused = boss.request("GET", "/notes/export")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "export-too-slow")
    actions = {event["data"]["action"] for event in harness.published("notes.audit-recorded.v1")}
    assert "exported" not in actions


def test_one_export_runs_at_a_time(boss: Client) -> None:
    with exports._writing:
        refused = boss.request("GET", "/notes/export")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert boss.request("GET", "/notes/export").status_code == 200
