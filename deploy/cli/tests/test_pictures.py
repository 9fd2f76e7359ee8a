"""`kehu pictures` before it plays anything; the pictures themselves are looked at by people."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kehu_cli.cli import kehu
from kehu_cli.commands import pictures
from kehu_cli.web import build


@pytest.fixture(autouse=True)
def nothing_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("it went on")

    monkeypatch.setattr(build, "build", refuse)


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(kehu, ["--state", str(folder), "pictures", *arguments])


def test_a_picture_that_nobody_makes_is_refused_with_the_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEHU_CHROMIUM", "/usr/bin/true")
    result = run(tmp_path, "workbench", "nothing")
    assert result.exit_code == 2
    assert "nothing" in result.output and "workbench" in result.output


def test_without_a_browser_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KEHU_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "apt-get install chromium" in result.output


def test_without_the_tools_of_the_tests_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "find_spec", lambda module: None)
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "Playwright and Pillow" in result.output and "requirements/dev.txt" in result.output
