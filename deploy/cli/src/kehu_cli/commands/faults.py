"""`kehu faults`."""

import os
import sys

import click
from rich.table import Table

from kehu_cli.catalogue import ROOT
from kehu_cli.console import SafeConsole
from kehu_cli.faults import EXPERIMENTS, Outcome, run

COLOURS = {"passed": "green", "failed": "red"}


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--list", "only_list", is_flag=True, help="Only list the experiments.")
def faults(ids: tuple[str, ...], only_list: bool) -> None:
    """Run fault experiments, such as F12, or all: kill, pause and disconnect processes.

    Experiments that need containers are skipped where Docker is not available.
    """
    unknown = [ident for ident in ids if ident not in EXPERIMENTS]
    if unknown:
        raise click.UsageError(
            f"no such experiment: {', '.join(unknown)}; see `kehu faults --list`"
        )
    wanted = ids or tuple(EXPERIMENTS)
    if only_list:
        for ident in wanted:
            click.echo(f"{ident}  {EXPERIMENTS[ident]}")
        return
    os.chdir(ROOT)
    code, outcomes = run(wanted)
    _show(wanted, outcomes)
    sys.exit(code)


def _show(wanted: tuple[str, ...], outcomes: dict[str, Outcome]) -> None:
    table = Table("id", "experiment", "result", "passed", "seconds")
    for ident in wanted:
        outcome = outcomes.get(ident, Outcome())
        label = outcome.label
        tests = outcome.passed + outcome.failed + outcome.skipped
        table.add_row(
            ident,
            EXPERIMENTS[ident],
            f"[{COLOURS.get(label, 'yellow')}]{label}[/]",
            f"{outcome.passed} of {tests}",
            f"{outcome.seconds:.1f}",
        )
    SafeConsole().print(table)
