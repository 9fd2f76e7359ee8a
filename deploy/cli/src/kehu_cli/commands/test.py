"""`kehu test`."""

import subprocess
import sys
import time
from dataclasses import dataclass

import click
from rich.console import Console
from rich.table import Table

from kehu_cli.catalogue import ROOT

PYTEST = ["-m", "pytest"]

CHECKS: dict[str, list[str]] = {
    "ruff check": ["-m", "ruff", "check"],
    "ruff format": ["-m", "ruff", "format", "--check"],
    "mypy": ["-m", "mypy"],
    "import rules": ["tests/architecture/import_rules.py"],
    "contracts": ["-m", "kehu_cli", "contracts", "--check"],
    "pytest": PYTEST,
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
    """Run every check: style, types, import rules, contracts, tests; with arguments only pytest."""
    if pytest_arguments:
        sys.exit(_run([*PYTEST, *pytest_arguments]))
    console = Console(highlight=False)
    results = []
    for name, arguments in CHECKS.items():
        console.rule(name, align="left")
        started = time.monotonic()
        code = _run(arguments)
        results.append(Result(name, code, time.monotonic() - started))
        console.print(f"{name}: {_word(code)} ({results[-1].seconds:.1f} s)")
    _summarise(console, results)
    sys.exit(max(min(result.code, 1) for result in results))


def _run(arguments: list[str]) -> int:
    # Flushed first, so that our lines and the tool's come in order in a log file too.
    sys.stdout.flush()
    return subprocess.run([sys.executable, "-P", *arguments], cwd=ROOT).returncode


def _word(code: int) -> str:
    return "[green]passed[/]" if code == 0 else f"[red]failed[/] (exit code {code})"


def _summarise(console: Console, results: list[Result]) -> None:
    table = Table("check", "result", "seconds")
    for result in results:
        table.add_row(result.name, _word(result.code), f"{result.seconds:.1f}")
    console.print(table)
