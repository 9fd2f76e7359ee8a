"""When services agree: differences that last are reported, those of work under way are not."""

import itertools
from collections.abc import Iterable
from typing import cast

import pytest

from kehu_cli.operations import reconcile
from kehu_cli.operations.installation import Installation
from kehu_cli.operations.reconcile import Findings
from kehu_cli.operations.versions import Comparison


def found(*missing: str, records: int = 0, heard: int | None = None, waiting: int = 0) -> Findings:
    """One comparison, of which these records are missing and one has perhaps another version."""
    other = frozenset() if heard is None else frozenset({("versioned", heard)})
    compared = Comparison("orders", "a", "b", records, frozenset(missing), other, frozenset())
    return Findings(waiting, (compared,))


def waited(monkeypatch: pytest.MonkeyPatch, findings: Iterable[Findings]) -> Findings:
    """What is concluded from these findings, one after the other, without the backoff."""
    each = iter(findings)
    monkeypatch.setattr(reconcile, "compare", lambda _installation: next(each))
    monkeypatch.setattr(reconcile.time, "sleep", lambda _seconds: None)
    return reconcile.wait(cast("Installation", None), lambda _text: None)


def test_what_agrees_at_once_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, [found()]).agree


def test_another_record_under_way_at_each_look_is_no_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As people work, there may be no moment at which nothing is under way."""
    assert waited(monkeypatch, [found("first", heard=1), found("second", heard=2)]).agree


def test_events_that_wait_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, [found(waiting=2), found(waiting=1), found()]).agree


def test_a_difference_that_lasts_is_reported_although_others_come_and_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reconcile, "PATIENCE_SECONDS", 0.05)
    busy = (found("lost", f"{number}", records=number) for number in itertools.count())
    concluded = waited(monkeypatch, busy)
    assert [comparison.missing for comparison in concluded.comparisons] == [{"lost"}]
