"""The user guide uses the words of the console, has the same tasks in both languages, and no
link of it leads nowhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kehu_cli.catalogue import CONTRACTS, ROOT, USER_GUIDE
from kehu_cli.pictures.scenes import SCENES

LANGUAGES = ("zh", "en")
TEXTS = ROOT / "gateway" / "console" / "src"
PAGES = sorted(path.relative_to(USER_GUIDE).as_posix() for path in USER_GUIDE.glob("??/*.md"))

BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
PLACEHOLDER = re.compile(r"\{\{.*?\}\}")


def read(page: str) -> str:
    return (USER_GUIDE / page).read_text(encoding="utf-8")


def slug(heading: str) -> str:
    """The name of a heading in an address, as GitHub makes it."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower()))


def values(texts: Any) -> Iterator[str]:
    if isinstance(texts, str):
        yield texts
    elif isinstance(texts, dict):
        for one in texts.values():
            yield from values(one)


def labels(contract: Any, language: str) -> Iterator[str]:
    """Every label of a contract: of fields, codes, permissions and roles."""
    if isinstance(contract, list):
        for one in contract:
            yield from labels(one, language)
    elif isinstance(contract, dict):
        if set(contract) == set(LANGUAGES) and isinstance(contract[language], str):
            yield contract[language]
        for one in contract.values():
            yield from labels(one, language)


@cache
def words(language: str) -> tuple[frozenset[str], list[re.Pattern[str]]]:
    """What the console shows in a language: texts, and patterns of those with placeholders."""
    found: set[str] = set()
    for path in TEXTS.rglob(f"{language}.json"):
        found |= set(values(json.loads(path.read_text(encoding="utf-8"))))
    for path in (*CONTRACTS.glob("openapi/*.json"), CONTRACTS / "roles.json"):
        found |= set(labels(json.loads(path.read_text(encoding="utf-8")), language))
    patterns = [
        re.compile(".+".join(map(re.escape, PLACEHOLDER.split(text))))
        for text in found
        # One of placeholders alone would match everything.
        if PLACEHOLDER.search(text) and len(re.findall(r"\w", PLACEHOLDER.sub("", text))) > 1
    ]
    return frozenset(found), patterns


@pytest.mark.parametrize("page", PAGES)
def test_bold_words_are_those_of_the_console(page: str) -> None:
    texts, patterns = words(page[:2])
    said = {" ".join(bold.split()) for bold in BOLD.findall(read(page))}
    assert said
    unknown = [
        one
        for one in sorted(said)
        if one not in texts and not any(pattern.fullmatch(one) for pattern in patterns)
    ]
    assert not unknown, f"{page} names what the console does not show: {unknown}"


@pytest.mark.parametrize("page", [*PAGES, "README.md"])
def test_links_lead_somewhere_and_pictures_are_described(page: str) -> None:
    for picture, text, target in LINK.findall(read(page)):
        path, _, fragment = target.partition("#")
        found = (USER_GUIDE / page).parent / path if path else USER_GUIDE / page
        assert found.is_file(), f"{page}: {target}"
        assert not picture or len(text) > 4, f"{page}: {target} has no description"
        if fragment:
            headings = {slug(text) for _, text in HEADING.findall(found.read_text("utf-8"))}
            assert fragment in headings, f"{page}: {target}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("zh/")])
def test_no_line_of_chinese_goes_on_in_the_next(page: str) -> None:
    """A line break is shown as a space, which Chinese does not have."""
    broken = re.findall(r"^[^|#\n]+\n(?!\s*(?:- |\d+\. |!|\||#|\n|$)).+", read(page), re.MULTILINE)
    assert not broken


def outline(page: str) -> list[str]:
    """The levels of the headings, and the pictures, in their order."""
    parts = re.findall(r"^(#+) |/pictures/..(/[^)]+)\)", read(page), re.MULTILINE)
    return [level or picture for level, picture in parts]


@pytest.mark.parametrize("page", [page[3:] for page in PAGES if page.startswith("zh/")])
def test_both_languages_have_the_same_tasks_and_pictures(page: str) -> None:
    assert outline(f"zh/{page}") == outline(f"en/{page}")


def test_every_role_has_a_page_in_both_languages() -> None:
    roles = {role["name"] for role in json.loads((CONTRACTS / "roles.json").read_text("utf-8"))}
    pages = {f"{name.replace('_', '-')}.md" for name in roles} | {"first-steps.md"}
    for language in LANGUAGES:
        assert {Path(page).name for page in PAGES if page.startswith(language)} == pages


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_made_by_a_scene_and_used(language: str) -> None:
    made = {f"{scene.name}.webp" for scene in SCENES}
    folder = USER_GUIDE / "pictures" / language
    used = {
        Path(target).name
        for page in PAGES
        if page.startswith(language)
        for _, _, target in LINK.findall(read(page))
        if target.endswith(".webp")
    }
    assert {path.name for path in folder.iterdir()} == made == used
