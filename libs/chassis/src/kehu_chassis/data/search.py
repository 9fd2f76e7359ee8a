"""Search without a database extension, also for Chinese: single characters and bigrams.

A record stores the grams of its searchable texts in an array under a GIN index; a query matches all
grams of its words and rechecks the texts themselves.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import ClassVar

from sqlalchemy import ColumnElement, Text, and_, cast, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

MAX_QUERY = 100
_MAX_TEXT = 500  # the longest searchable prefix of a text
_MAX_VALUES = 20  # of a column with several texts


def normalise(text: str) -> str:
    """NFKC, case-folded, spaces collapsed: how names are compared."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def initials(text: str) -> str:
    """Pinyin initials of the Chinese characters in a text: 上海 → sh."""
    if text.isascii():
        return ""
    # Imported when first needed: its dictionaries take 0.4 s to load, which a process that never
    # indexes Chinese text need not spend.
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors="ignore")).lower()


def document(*texts: str | None) -> str:
    """The normalised texts of a record, with pinyin initials, as one searchable line each."""
    parts: list[str] = []
    for text in texts:
        if text:
            parts.append(normalise(text[:_MAX_TEXT]))
            letters = initials(text[:_MAX_TEXT])
            if letters:
                parts.append(letters)
    return "\n".join(parts)


def grams(document_text: str) -> list[str]:
    """Single characters and bigrams of every word of a searchable document, sorted."""
    found: set[str] = set()
    for word in document_text.split():
        found.update(word)
        found.update(word[i : i + 2] for i in range(len(word) - 1))
    return sorted(found)


def matches(
    query: str, grams_column: ColumnElement[list[str]], text_column: ColumnElement[str]
) -> ColumnElement[bool]:
    """The condition that a record contains every word of ``query`` as a substring."""
    words = normalise(query).split()
    wanted: set[str] = set()
    for word in words:
        wanted.update(word[i : i + 2] for i in range(len(word) - 1)) if len(word) > 1 else (
            wanted.add(word)
        )
    contains = grams_column.op("@>")(cast(sorted(wanted), ARRAY(Text)))
    return and_(contains, *(func.strpos(text_column, word) > 0 for word in words))


class Searchable:
    """Columns of a record that ``q`` searches; its table needs a GIN index on the grams.

    ``__searched__`` lists the columns to search; a record searched by texts from elsewhere calls
    `set_search` itself.
    """

    __searched__: ClassVar[tuple[str, ...]] = ()

    search_text: Mapped[str] = mapped_column(default="")
    search_grams: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)

    def set_search(self, *texts: str | None) -> None:
        """Make the record findable by these texts, and by their pinyin initials."""
        found = document(*texts)
        if found != self.search_text:
            self.search_text, self.search_grams = found, grams(found)


def refresh(session: Session) -> None:
    """Update the searchable texts of the records about to be written."""
    for record in (*session.new, *session.dirty):
        if isinstance(record, Searchable) and record.__searched__:
            record.set_search(*_texts(record))


def _texts(record: Searchable) -> Iterator[str | None]:
    for name in record.__searched__:
        value = getattr(record, name)
        if isinstance(value, list):
            yield from value[:_MAX_VALUES]
        else:
            yield value
