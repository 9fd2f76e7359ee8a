"""The search box: the best records first, however frequent a word is."""

from __future__ import annotations

import pytest
from kehu_sample.features.notes.models import Note
from kehu_sample.features.notes.schemas import LISTING
from sqlalchemy import select

from kehu_chassis.data import hits, walking
from kehu_chassis.testing import Harness


@pytest.fixture
def written(harness: Harness) -> None:
    """Notes, the oldest first."""
    texts = (
        "138-0013-8000", "Acme", "acmeology", "The Acme", "tel. 13800138000", "北京长城", "长城",
        "长城贸易", "100% wool", "1000 wool", "a\\b", "12", "%%", "__",
    )  # fmt: skip
    for text in texts:
        with harness.session() as session:
            session.add(Note(title=text))


def found(harness: Harness, query: str) -> list[str]:
    with harness.session() as session:
        best = hits.best(session, LISTING, select(Note), query, by=("title",))
        return [hit.record.title for hit in best]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("acme", ["Acme", "acmeology", "The Acme"]),
        ("ＡＣＭＥ", ["Acme", "acmeology", "The Acme"]),
        ("长城", ["长城", "长城贸易", "北京长城"]),
        ("ccmy", ["长城贸易"]),
        ("13800138000", ["138-0013-8000", "tel. 13800138000"]),
        ("+86 138 0013 8000", ["138-0013-8000", "tel. 13800138000"]),
        ("1380013", ["138-0013-8000", "tel. 13800138000"]),
        ("wool 100", ["1000 wool", "100% wool"]),  # both contain it: the newest first
        ("100%", ["1000 wool", "100% wool"]),  # numbers are found without their signs
        ("%%", ["%%"]),
        ("__", ["__"]),
        ("a\\", ["a\\b"]),
        ("--", []),
        ("+86", []),
        ("长长", []),
    ],
)
def test_the_best_hits_come_first(
    harness: Harness, written: None, query: str, titles: list[str]
) -> None:
    assert found(harness, query) == titles


def test_of_many_hits_some_are_shown_and_equals_newest_first(harness: Harness) -> None:
    for number in range(hits.MOST + 2):
        with harness.session() as session:
            session.add(Note(title=f"{number} wool"))
    with harness.session() as session:
        session.add(Note(title="Wool"))
    newest = [f"{number} wool" for number in reversed(range(3, hits.MOST + 2))]
    assert found(harness, "wool") == ["Wool", *newest]


@pytest.mark.parametrize("walked", [2, 6])
def test_rare_records_far_from_the_beginning_are_collected(
    harness: Harness, written: None, monkeypatch: pytest.MonkeyPatch, walked: int
) -> None:
    monkeypatch.setattr(LISTING, "_walked", {"created_at"})
    monkeypatch.setattr(walking, "WALK", walked)
    monkeypatch.setattr(hits, "_COMPARED", 1)
    monkeypatch.setattr(hits, "MOST", 1)
    assert found(harness, "acmeology") == ["acmeology"]
    # Enough are at the beginning: no others are collected.
    monkeypatch.setattr(hits, "_COMPARED", 50)
    assert found(harness, "wool") == ["1000 wool"]


def test_it_is_told_which_text_was_found(harness: Harness) -> None:
    with harness.session() as session:
        session.add(Note(title="Acme", secret="12 34"))
    with harness.session() as session:
        one, other = (
            hits.best(session, LISTING, select(Note), "acme", by=by)[0]
            for by in (("title", "secret"), ("secret",))
        )
    assert (one.text, other.text) == ("Acme", None)
    assert one.shown("note", name="Acme", detail=None, more=1)["match"] is None
    assert one.shown("note", name="Other", detail=None)["match"] == "Acme"
