"""Building the web console: when, from what, and what remains when it fails."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from kehu_cli.cli import kehu
from kehu_cli.server import ServerError
from kehu_cli.web import background, build, node
from kehu_cli.web.node import Npm
from tests.support.stack import eventually

# The build of a made-up console: an asset named after its content.
SCRIPT = """
set -e
name="main-$(cat main.ts).js"
mkdir -p $KEHU_CONSOLE_OUT/assets $KEHU_CONSOLE_OUT/.vite
echo "{\\"main.ts\\": {\\"file\\": \\"assets/$name\\"}}" > $KEHU_CONSOLE_OUT/.vite/manifest.json
cp main.ts $KEHU_CONSOLE_OUT/assets/$name
echo page > $KEHU_CONSOLE_OUT/index.html
! grep -q broken main.ts
"""


class Shell(Npm):
    """An npm of which every script is SCRIPT."""

    def command(self, *arguments: str) -> list[str]:
        return ["sh", "-c", SCRIPT]


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout with a small console; its folder."""
    folder, contracts, guide = (tmp_path / name for name in ("console", "contracts", "guide"))
    for made in (folder / "node_modules", folder / "src" / "generated", contracts, guide):
        made.mkdir(parents=True)
    requirements = tmp_path / "console.txt"
    for path in (folder / "main.ts", contracts / "auth.json", guide / "a.md", requirements):
        path.write_text("one")
    names = {
        "ROOT": tmp_path, "FOLDER": folder, "CONTRACTS": contracts, "USER_GUIDE": guide,
        "REQUIREMENTS": requirements,
        "DIST": folder / "dist", "NEW": folder / "dist.new", "OLD": folder / "dist.old",
    }  # fmt: skip
    for name, value in names.items():
        monkeypatch.setattr(build, name, value)
    yield folder


def assets(console: Path) -> list[str]:
    return sorted(path.name for path in (console / "dist" / "assets").iterdir())


def test_sources_contracts_guide_and_node_decide_whether_to_build(console: Path) -> None:
    build.build(Shell())
    assert build.is_current()
    (console / "node_modules" / "package.js").touch()
    (console / "src" / "generated" / "types.ts").touch()
    assert build.is_current(), "what is made from the sources is none"
    sources = (console / "main.ts", build.CONTRACTS / "auth.json", build.USER_GUIDE / "a.md")
    for path in (*sources, build.REQUIREMENTS):
        before = path.read_text()
        path.write_text("two")
        assert not build.is_current(), path
        path.write_text(before)
    (console / "new.ts").touch()
    assert not build.is_current()


def test_a_failed_build_leaves_the_last_one(console: Path) -> None:
    build.build(Shell())
    (console / "main.ts").write_text("broken")
    with pytest.raises(ServerError, match="failed"):
        build.build(Shell())
    assert assets(console) == ["main-one.js"]
    assert build.is_built() and not build.is_current()


def test_a_build_keeps_the_assets_of_the_one_before_it_only(console: Path) -> None:
    """Pages that are open load them; without a limit they would pile up."""
    for text in ("one", "two", "three"):
        (console / "main.ts").write_text(text)
        build.build(Shell())
    assert assets(console) == ["main-three.js", "main-two.js"]
    assert sorted(path.name for path in console.glob("dist*")) == ["dist"]


def test_a_build_that_was_killed_in_its_last_step_is_repaired(console: Path) -> None:
    build.build(Shell())
    (console / "dist").rename(console / "dist.old")
    (console / "main.ts").write_text("broken")
    with pytest.raises(ServerError):
        build.build(Shell())
    assert assets(console) == ["main-one.js"]


def test_what_killed_builds_leave_behind_is_removed(console: Path) -> None:
    build.build(Shell())
    for name in ("dist.old", "dist.new"):
        (console / name).mkdir(exist_ok=True)
        (console / name / "left").touch()
    (console / "main.ts").write_text("two")
    build.build(Shell())
    assert build.is_current()
    assert sorted(path.name for path in console.glob("dist*")) == ["dist"]


def test_without_a_registry_the_error_says_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "NODE", tmp_path / "node")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "true")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(ServerError, match="registries") as refused:
        node.provide(tests=False)
    assert "Connection refused" in str(refused.value)
    assert not (tmp_path / "node").exists()


def test_the_lock_names_no_registry() -> None:
    """Each machine installs from its own; the digests say that the packages are the same."""
    lock = json.loads(node.LOCK.read_text())["packages"]
    packages = {name: package for name, package in lock.items() if name}
    assert packages
    for name, package in packages.items():
        assert "resolved" not in package and package["integrity"].startswith("sha512-"), name
    assert "registry" not in node.LOCK.read_text() + (node.FOLDER / ".npmrc").read_text().replace(
        "omit-lockfile-registry-resolved", ""
    )


def in_background(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, *, built: bool = False
) -> background.Building:
    """A build in the background that runs this script instead."""
    monkeypatch.setattr(background, "is_current", lambda: False)
    monkeypatch.setattr(background, "is_built", lambda: built)
    monkeypatch.setattr(background, "COMMAND", ["sh", "-c", script])
    with background.building(tmp_path / "log") as started:
        assert started
        return started


@pytest.mark.parametrize(
    ("built", "served"), [(True, "older than the sources"), (False, "There is none yet")]
)
def test_a_failure_in_the_background_is_reported_with_what_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, built: bool, served: str
) -> None:
    script = "echo 'kehu: building'; echo Unexpected token; echo '    at deep'; exit 1"
    started = in_background(monkeypatch, tmp_path, script, built=built)
    with pytest.raises(ServerError, match=served) as failed:
        started.wait(lambda text: None)
    assert "Unexpected token\n" in str(failed.value)
    assert "deep" not in str(failed.value)
    assert "./kehu console build" in str(failed.value)


def test_the_progress_is_the_last_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"echo 'kehu: one'; echo noise; until [ -e {tmp_path / 'go'} ]; do sleep 0.05; done"
    started = in_background(monkeypatch, tmp_path, script)
    seen: list[str] = []

    def report(text: str) -> None:
        seen.append(text)
        if text == "one":
            (tmp_path / "go").touch()

    started.wait(report)
    assert seen[-1] == "one"


def test_a_build_ends_with_the_command_that_started_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = tmp_path / "pids"
    monkeypatch.setattr(background, "is_current", lambda: False)
    script = f"sleep 1000 & echo $! > {pids}; wait"
    monkeypatch.setattr(background, "COMMAND", ["sh", "-c", script])
    with (
        pytest.raises(KeyboardInterrupt),
        background.building(tmp_path / "log"),
    ):
        pid = eventually(lambda: pids.exists() and int(pids.read_text()))
        raise KeyboardInterrupt
    eventually(lambda: not psutil.pid_exists(pid), what="what the build started has ended")


def test_nothing_is_started_for_a_current_build_or_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for current, wanted in ((True, True), (False, False)):
        monkeypatch.setattr(background, "is_current", lambda current=current: current)
        with background.building(tmp_path / "log", wanted) as started:
            assert started is None


def test_the_server_for_developers_needs_a_gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KEHU_GATEWAY", raising=False)
    result = CliRunner().invoke(kehu, ["--state", str(tmp_path), "console", "dev"])
    assert result.exit_code == 1
    assert "./kehu up --no-console" in result.output and "KEHU_GATEWAY" in result.output
