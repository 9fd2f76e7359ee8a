"""Reconciling reports differences that last, and ignores those of events in transit."""

import itertools
from collections.abc import Iterable
from typing import cast

import pytest

from kehu_cli.operations import reconcile
from kehu_cli.operations.installation import Installation
from kehu_cli.operations.reconcile import Findings
from kehu_cli.operations.versions import Comparison


def found(*missing: str, records: int = 0, known: int | None = None, waiting: int = 0) -> Findings:
    """Return a comparison with these missing records and perhaps one of another version."""
    other = frozenset() if known is None else frozenset({("versioned", known)})
    compared = Comparison("orders", "a", "b", records, frozenset(missing), other, frozenset())
    return Findings(waiting, (compared,))


def waited(monkeypatch: pytest.MonkeyPatch, findings: Iterable[Findings]) -> Findings:
    """Return the conclusion from these successive findings, without pauses."""
    each = iter(findings)
    monkeypatch.setattr(reconcile, "compare", lambda _installation: next(each))
    monkeypatch.setattr(reconcile.time, "sleep", lambda _seconds: None)
    return reconcile.wait(cast("Installation", None), lambda _text: None)


def test_services_that_agree_are_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, [found()]).agree


def test_changing_differences_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """While people work, some event may always be in transit."""
    assert waited(monkeypatch, [found("first", known=1), found("second", known=2)]).agree


def test_reconcile_waits_until_all_events_are_published(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, [found(waiting=2), found(waiting=1), found()]).agree


def test_a_lasting_difference_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "PATIENCE_SECONDS", 0.05)
    busy = (found("lost", f"{number}", records=number) for number in itertools.count())
    concluded = waited(monkeypatch, busy)
    assert [comparison.missing for comparison in concluded.comparisons] == [{"lost"}]
