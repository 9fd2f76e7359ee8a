"""Search without a database extension, also for Chinese: single characters and bigrams.

A record stores its searchable texts as one line each, and their grams in an array under a GIN
index.  A query matches all grams of its words and rechecks the texts themselves.  Runs of Latin
letters and digits have grams of four, too, as pairs of them occur in nearly every record.

Numbers are found however they are typed: whatever has a digit is kept, and looked for, without
spaces and signs (see `compact`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import (
    ColumnElement,
    Index,
    Text,
    and_,
    cast,
    func,
    literal_column,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

MAX_QUERY = 100
_MAX_TEXT = 500  # the longest searchable prefix of a text
_MAX_VALUES = 20  # of a column with several texts
_MAX_IDENTIFIER = 60
_RENEWED_AT_ONCE = 500
_LONG = 4
_QUERIED = 4  # long grams of a run that are looked for; the texts themselves decide
_RUN = re.compile(f"[0-9a-z]{{{_LONG},}}")
# As text, so that the index `outdated` serves it. Earlier releases wrote no line feed at the end.
_OUTDATED = "right(search_text, 1) <> chr(10)"
# Calls to China from abroad; a mobile number may also be written without the plus.
_CHINA = re.compile(r"(?:\+|00)86[\s()-]*|86(?=1[0-9]{10}$)")
_MOBILE = re.compile(r"1[0-9]{10}")
# A case fold keeps the dot of İ apart, although nobody types it.
_DOTTED_I = "i\N{COMBINING DOT ABOVE}"


def normalise(text: str) -> str:
    """NFKC, case-folded, spaces collapsed: how names are compared."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace(_DOTTED_I, "i")
    return " ".join(folded.split())


def folded(column: ColumnElement[Any]) -> ColumnElement[str]:
    """SQL: a text as `normalise` gives it, for texts of letters whose spaces are single ones.

    Its constants are no parameters, so that an index on this expression serves it.
    """
    found = func.lower(func.normalize(column, literal_column("NFKC")))
    # What PostgreSQL lowers otherwise than Python folds it.
    for lowered, fold in ((_DOTTED_I, "i"), ("ß", "ss"), ("ς", "σ")):
        found = func.replace(found, literal_column(f"'{lowered}'"), literal_column(f"'{fold}'"))
    return found


def folded_index(table: str, column: str) -> Index:
    """The index of a column that is compared folded."""
    return Index(f"ix_{table}_{column}_folded", folded(literal_column(column)))


def compact(text: str) -> str:
    """Only the letters and digits of a normalised text: ``010-6552 1234`` is ``01065521234``, and
    so is ``+86 10 6552 1234``."""
    abroad = _CHINA.match(text)
    rest = "".join(filter(str.isalnum, text[abroad.end() :] if abroad else text))
    if abroad and rest.isdigit() and not _MOBILE.fullmatch(rest):
        rest = "0" + rest.removeprefix("0")
    return rest


@lru_cache(maxsize=1024)  # the labels of codes are in many records
def initials(text: str) -> str:
    """Pinyin initials of the Chinese characters in a text: 上海 → sh."""
    if text.isascii():
        return ""
    # Imported when first needed: its dictionaries take 0.4 s to load, which a process that never
    # indexes Chinese text need not spend.
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors="ignore")).lower()


def document(*texts: str | None) -> str:
    """The normalised texts of a record, with pinyin initials and numbers in compact form, as one
    searchable line each.

    It ends with a line feed; what earlier releases wrote does not (see `outdated`).
    """
    lines: list[str] = []
    for one in filter(None, texts):
        lines += _lines(one[:_MAX_TEXT])
    return "".join(f"{line}\n" for line in lines) or "\n"


def _lines(text: str) -> Iterator[str]:
    normal = normalise(text)
    yield normal
    if letters := initials(text):
        yield letters
    numbers = compact(normal) if _is_identifier(normal) else _compact_words(normal)
    if numbers and numbers != normal:
        yield numbers


def _is_identifier(normal: str) -> bool:
    return len(normal) <= _MAX_IDENTIFIER and normal.isascii() and _has_digit(normal)


def _compact_words(normal: str) -> str:
    words = [word for word in normal.split() if _has_digit(word) and not word.isalnum()]
    return " ".join(map(compact, words))


def _has_digit(text: str) -> bool:
    return any("0" <= character <= "9" for character in text)


def grams(document_text: str) -> list[str]:
    """Single characters and bigrams of every word of a searchable document, and the long grams of
    its runs of Latin letters and digits, sorted."""
    found: set[str] = set()
    for word in document_text.split():
        found.update(word)
        found.update(_pieces(word, 2))
        found.update(_long_grams(word))
    return sorted(found)


def words(query: str) -> list[str]:
    """What a text must contain to be found by a query."""
    normal = normalise(query)
    if abroad := _CHINA.match(normal):
        normal = normal[abroad.end() :] or normal
    found = [compact(word) if _has_digit(word) else word for word in normal.split()]
    return list(dict.fromkeys(word for word in found if word))


def forms(query: str) -> set[str]:
    """A query as a whole, in the forms that a text equal to it has among the lines of a
    document."""
    normal = normalise(query)
    return {normal} | ({compact(normal)} if _has_digit(normal) else set()) - {""}


def has_digit(query: str) -> bool:
    """Whether a query may be a number."""
    return _has_digit(normalise(query))


def matches(
    query: str, grams_column: ColumnElement[list[str]], text_column: ColumnElement[str]
) -> ColumnElement[bool]:
    """The condition that a record contains every word of ``query`` as a substring."""
    wanted = words(query)
    return and_(
        true(),
        *(has_grams(grams_column, word) for word in wanted),
        *(has_text(text_column, word) for word in wanted),
    )


def has_grams(grams_column: ColumnElement[list[str]], word: str) -> ColumnElement[bool]:
    """SQL: a record may contain the word, by its index."""
    wanted = _rare_grams(word) or _pieces(word, 2) or {word}
    return grams_column.op("@>")(cast(sorted(wanted), ARRAY(Text)))


def has_text(text_column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """SQL: a record contains the word."""
    return func.strpos(text_column, word) > 0


def _pieces(word: str, length: int) -> set[str]:
    return {word[i : i + length] for i in range(len(word) - length + 1)}


def _long_grams(word: str) -> set[str]:
    return {piece for run in _RUN.findall(word) for piece in _pieces(run, _LONG)}


def _rare_grams(word: str) -> set[str]:
    """The last long grams of each run: numbers of one kind differ at their ends, and the lists of
    what they begin with are as long as the table."""
    ends = (run[-_LONG - _QUERIED + 1 :] for run in _RUN.findall(word))
    return {piece for end in ends for piece in _pieces(end, _LONG)}


@lru_cache(maxsize=10_000)
def line(name: str) -> str:
    """The searchable document of one text."""
    return document(name)


def outdated(table: str) -> Index:
    """The index of the rows whose searchable texts an earlier release wrote."""
    return Index(f"ix_{table}_search_outdated", "id", postgresql_where=text(_OUTDATED))


class Searchable:
    """Columns of a record that ``q`` searches; its table needs a GIN index on the grams, and
    `outdated` ones one on their id.

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
            record.set_search(*texts_of(record, record.__searched__))


def renew(session: Session, model: Any, texts: Callable[[Session, list[Any]], list[Any]]) -> int:
    """Write the searchable texts of some rows that an earlier release wrote; returns how many.

    ``texts`` gives the texts of each row.  The rows keep their versions, which callers may hold for
    the next step.
    """
    # In the order of the index `outdated`: otherwise the planner, which takes almost every row for
    # outdated, reads the whole table to find none.
    old = select(model).where(text(_OUTDATED)).order_by(model.id).limit(_RENEWED_AT_ONCE)
    rows = list(session.scalars(old.with_for_update(skip_locked=True)))
    for row, found in zip(rows, texts(session, rows), strict=True):
        put(session, row, document(*found))
    return len(rows)


def put(session: Session, row: Any, found: str) -> None:
    """Write the searchable texts of a row, and nothing else."""
    model = type(row)
    session.execute(
        update(model)
        .where(model.id == row.id)
        .values(search_text=found, search_grams=grams(found))
        .execution_options(synchronize_session=False, state_published=True)
    )


def texts_of(record: Any, columns: Iterable[str]) -> Iterator[str | None]:
    """The texts of some columns by which a record is searched."""
    for name in columns:
        value = getattr(record, name)
        if isinstance(value, list):
            yield from value[:_MAX_VALUES]
        else:
            yield value
