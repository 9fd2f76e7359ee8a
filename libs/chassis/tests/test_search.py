"""Search: Chinese and Latin, by substring and pinyin initials, in any case and width."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

import pytest
from kehu_sample.features.notes.models import Note
from sqlalchemy import ARRAY, Text, func, literal, select, text

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

    with harness.session() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        statement = select(Note.id).where(
            search.matches("上海", Note.search_grams, Note.search_text)
        )
        compiled = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(session.scalars(text("EXPLAIN " + str(compiled).replace(":", "\\:"))))
    assert "ix_note_search_grams" in plan


PHONE = "010-6552 1234"
NUMBERS = ("KH-2026-000123", PHONE, "+86 138 0013 8000", "9131 0000-MA1K 12345X", "Ａ１２ 厂 B-7/9")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("KH-2026-000123", {0}),
        ("kh2026000123", {0}),
        ("ＫＨ２０２６ 000123", {0}),
        ("2026-0001", {0}),
        ("000123", {0}),
        ("01065521234", {1}),
        ("6552-1234", {1}),
        ("65521234", {1}),
        ("０１０６５５２１２３４", {1}),
        ("(010) 6552 1234", {1}),
        ("+86 10 6552 1234", {1}),
        ("0086-10-65521234", {1}),
        ("13800138000", {2}),
        ("138-0013-8000", {2}),
        ("+86 138 0013 8000", {2}),
        ("8613800138000", {2}),
        ("91310000MA1K12345X", {3}),
        ("91310000 ma1k", {3}),
        ("a12", {4}),
        ("b79", {4}),
        ("b-79 厂", {4}),
        ("000124", set()),
        ("6552 4321", set()),
    ],
)
def test_numbers_are_found_however_they_are_typed(
    harness: Harness, boss: User, query: str, found: set[int]
) -> None:
    client = harness.as_(boss)
    for title in NUMBERS:
        client.post("/notes", {"title": title}, 201)
    items = client.get(f"/notes?q={quote(query)}")["items"]
    assert {NUMBERS.index(item["title"]) for item in items} == found


@pytest.mark.parametrize("query", ["İstanbul", "ISTANBUL", "istanbul", "ｉｓｔａｎｂｕｌ"])
def test_a_dotted_capital_i_is_an_i(harness: Harness, boss: User, query: str) -> None:
    client = harness.as_(boss)
    client.post("/notes", {"title": "İSTANBUL A.Ş."}, 201)
    assert len(client.get(f"/notes?q={quote(query)}")["items"]) == 1


def test_postgresql_folds_letters_as_python_does(harness: Harness) -> None:
    """Of the scripts of names: Latin, Greek, Cyrillic, kana, Chinese, and all widths of them, as
    far as letters are that fold to one character with its accents."""
    ranges = (
        (0x21, 0x300),
        (0x37B, 0x530),
        (0x1E00, 0x1F00),
        (0x3041, 0x3100),
        (0x4E00, 0x9FFF),
        (0xFF01, 0xFFDD),
    )
    letters = [chr(code) for begin, end in ranges for code in range(begin, end)]
    texts = [f"x{letter}y" for letter in letters if letter.isprintable()]
    with harness.session() as session:
        given = func.unnest(literal(texts, ARRAY(Text))).column_valued("given")
        rows = session.execute(select(given, search.folded(given))).all()
    assert len(rows) == len(texts) > 20_000
    folds = {text: unicodedata.normalize("NFC", search.normalise(text)) for text in texts}
    assert {text: sql for text, sql in rows if sql != folds[text]} == {}


def test_texts_of_an_earlier_release_are_renewed(harness: Harness, boss: User) -> None:
    """They keep their versions; a row that is held by another transaction is left for later."""
    client = harness.as_(boss)
    note = client.post("/notes", {"title": PHONE}, 201)
    old = text("UPDATE note SET search_text = :text, search_grams = ARRAY['0','01']")
    with harness.session() as session:
        session.execute(old, {"text": PHONE})
    assert client.get("/notes?q=65521234")["items"] == []
    with harness.session() as session:
        session.execute(text("SELECT 1 FROM note FOR UPDATE"))
        harness.run_job("index-notes")
        assert client.get("/notes?q=65521234")["items"] == []
    harness.run_job("index-notes")
    [found] = client.get("/notes?q=65521234")["items"]
    assert found["version"] == note["version"]


def test_looking_for_old_texts_does_not_read_the_table(harness: Harness, boss: User) -> None:
    harness.as_(boss).post("/notes", {"title": PHONE}, 201)
    copies = """
        INSERT INTO note SELECT (jsonb_populate_record(n, jsonb_build_object(
            'id', gen_random_uuid(), 'position', i))).*
        FROM note AS n, generate_series(100, 3000) AS i
    """
    reads = text("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'note'")
    with harness.session() as session:
        session.execute(text(copies))
        session.execute(text("ANALYZE note"))
        before = session.scalars(reads).one()
        assert search.renew(session, Note, lambda _session, rows: rows) == 0
        assert session.scalars(reads).one() == before


def test_texts_and_grams() -> None:
    assert search.normalise("  Ｆｏｏ \t BAR\n") == "foo bar"
    assert search.initials("上海 abc 市") == "shs"
    assert search.document("上海", None, "", "X1") == "上海\nsh\nx1\n"
    assert search.grams("abc\nb") == ["a", "ab", "b", "bc", "c"]
    assert len(search.document("很" * 5000)) == 1002, "long texts are truncated"
