"""`kehu logs`."""

import time
from collections import deque
from pathlib import Path

import click

from kehu_chassis.terminal import visible
from kehu_cli.stack.state import State


@click.command()
@click.argument("process", required=False)
@click.option("-f", "--follow", is_flag=True, help="Keep printing new lines, until Ctrl-C.")
@click.option("-n", "--lines", default=50, show_default=True, help="How many of the last lines.")
@click.pass_obj
def logs(state: State, process: str | None, follow: bool, lines: int) -> None:
    """Print the log of PROCESS, or of all."""
    files = _files(state, process)
    width = max(len(file.stem) for file in files)
    prefixes = {file: "" if process else f"{file.stem:<{width}} | " for file in files}
    positions = {file: _show_last(file, prefixes[file], lines) for file in files}
    while follow:
        for file, position in positions.items():
            positions[file] = _show_new(file, prefixes[file], position)
        time.sleep(0.2)


def _files(state: State, process: str | None) -> list[Path]:
    files = {file.stem: file for file in sorted(state.logs.glob("*.log"))}
    if not files:
        raise click.ClickException(f"no logs in {state.logs}; start the stack: ./kehu up")
    if process is None:
        return list(files.values())
    if process not in files:
        raise click.ClickException(f"no such process: {process}. Available: {', '.join(files)}")
    return [files[process]]


def _show_last(file: Path, prefix: str, lines: int) -> int:
    with file.open("rb") as log:
        for line in deque(log, maxlen=lines):
            _show(line, prefix)
        return log.tell()


def _show_new(file: Path, prefix: str, position: int) -> int:
    with file.open("rb") as log:
        # A shorter file is a new one: the old one was rotated.
        log.seek(position if file.stat().st_size >= position else 0)
        for line in log:
            if not line.endswith(b"\n"):
                log.seek(-len(line), 1)
                break
            _show(line, prefix)
        return log.tell()


def _show(line: bytes, prefix: str) -> None:
    text = line.decode(errors="replace").rstrip("\r\n")
    click.echo(prefix + visible(text, layout=True))
