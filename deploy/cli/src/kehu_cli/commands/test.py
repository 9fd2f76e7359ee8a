"""`kehu test`."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from kehu_cli.catalogue import ROOT
from kehu_cli.console import SafeConsole

PYTEST = ["-m", "pytest"]
# Each worker has its own servers; more than four cost more memory than they save time.
WORKERS = ["-n", "logical", "--maxprocesses", "4"]

CHECKS: dict[str, list[str]] = {
    # First, as tests use its build.
    "console": ["-m", "kehu_cli", "console", "check"],
    "ruff check": ["-m", "ruff", "check"],
    "ruff format": ["-m", "ruff", "format", "--check"],
    "mypy": ["-m", "mypy"],
    "import rules": ["tests/architecture/import_rules.py"],
    "contracts": ["-m", "kehu_cli", "contracts", "--check"],
}


@dataclass(frozen=True)
class Result:
    """How one check ended."""

    name: str
    code: int
    seconds: float


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def test(pytest_arguments: tuple[str, ...]) -> None:
    """Run every check: style, types, import rules, contracts, the web console, tests.

    With arguments it runs only pytest, with them.
    """
    # Ctrl-C reaches the checks, too: they shut down properly and stop what they started.
    signal.signal(signal.SIGINT, lambda *_: None)
    if pytest_arguments:
        sys.exit(_run([*PYTEST, *pytest_arguments]).returncode)
    console = SafeConsole()
    with ThreadPoolExecutor(1) as beside:
        checks = [beside.submit(_check, console, *check) for check in CHECKS.items()]
        started = time.monotonic()
        code = _run([*PYTEST, *WORKERS]).returncode
        tests = Result("tests", code, time.monotonic() - started)
        results = [*(check.result() for check in checks), tests]
    _summarise(console, results)
    sys.exit(max(min(abs(result.code), 1) for result in results))


def _check(console: Console, name: str, arguments: list[str]) -> Result:
    """Run a check beside the tests, and print its output in one piece."""
    started = time.monotonic()
    done = _run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    result = Result(name, done.returncode, time.monotonic() - started)
    console.print()
    console.rule(name, align="left")
    console.out(done.stdout, end="", highlight=False)
    console.print(f"{name}: {_outcome(result.code)} ({result.seconds:.1f} s)")
    return result


def _run(arguments: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    # Flushed first, so that our lines and the tool's are in order in a log file, too.
    sys.stdout.flush()
    # Keep compiled code, or each of the hundreds of processes that tests start compiles it again.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    line = [sys.executable, "-P", *arguments]
    return subprocess.run(line, cwd=ROOT, env=environment, check=False, **options)


def _outcome(code: int) -> str:
    return "[green]passed[/]" if code == 0 else f"[red]failed[/] (exit code {code})"


def _summarise(console: Console, results: list[Result]) -> None:
    table = Table("check", "result", "seconds")
    for result in results:
        table.add_row(result.name, _outcome(result.code), f"{result.seconds:.1f}")
    console.print(table)
