"""Search: Chinese and Latin, by substring and pinyin initials, in any case and width."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import text

from kehu_chassis.data import search
from kehu_chassis.testing import Harness, User
from kehu_chassis.testing.harness import Client

TITLES = (
    "上海华为技术有限公司",
    "Shanghai Acme GmbH",
    "ＡＣＭＥ 上海 分公司",
    "100% Straße_2",
    "a\\b 'quoted'",
)


@pytest.fixture
def client(harness: Harness, boss: User) -> Client:
    client = harness.as_(boss)
    for title in TITLES:
        client.post("/notes", {"title": title}, 201)
    return client


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("上海", {0, 2}),
        ("海", {0, 2}),
        ("为技术", {0}),
        ("技为", set()),
        ("华 上海", {0}),
        ("shhw", {0}),
        ("SHHWJS", {0}),
        ("hw", {0}),
        ("sh", {0, 1, 2}),
        ("acme", {1, 2}),
        ("ＡＣＭＥ", {1, 2}),
        ("Acme gmbh", {1}),
        ("gmbh acme", {1}),
        ("acme上海", set()),
        ("strasse", {3}),
        ("%", {3}),
        ("_", {3}),
        ("100% str", {3}),
        ("\\", {4}),
        ("'q", {4}),
        ("ac", {1, 2}),
        ("ae", set()),
        ("zzz", set()),
        ("  ", {0, 1, 2, 3, 4}),
        ("", {0, 1, 2, 3, 4}),
    ],
)
def test_queries_find_matching_titles(client: Client, query: str, found: set[int]) -> None:
    items = client.get(f"/notes?q={quote(query)}")["items"]
    assert {TITLES.index(item["title"]) for item in items} == found


def test_matching_grams_are_rechecked(harness: Harness, client: Client) -> None:
    """A text may contain all bigrams of a word without the word."""
    client.post("/notes", {"title": "abc bcd"}, 201)
    assert client.get("/notes?q=abcd")["items"] == []


def test_the_index_is_used(harness: Harness, client: Client) -> None:
    from kehu_sample.features.notes.models import Note
    from sqlalchemy import select

    with harness.session() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        statement = select(Note.id).where(
            search.matches("上海", Note.search_grams, Note.search_text)
        )
        compiled = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(session.scalars(text("EXPLAIN " + str(compiled).replace(":", "\\:"))))
    assert "ix_note_search_grams" in plan


def test_texts_and_grams() -> None:
    assert search.normalise("  Ｆｏｏ \t BAR\n") == "foo bar"
    assert search.initials("上海 abc 市") == "shs"
    assert search.document("上海", None, "", "X1") == "上海\nsh\nx1\n"
    assert search.grams("abc\nb") == ["a", "ab", "b", "bc", "c"]
    assert len(search.document("很" * 5000)) == 1002, "long texts are truncated"
