"""`kehu status`."""

import json
import sys
from typing import Any

import click
from rich.table import Table

from kehu_cli.console import SafeConsole
from kehu_cli.stack import supervisor
from kehu_cli.stack.readiness import ready, stranger
from kehu_cli.stack.stack import Stack, describe
from kehu_cli.stack.state import State
from kehu_cli.stack.supervisor import ProcessInfo, Supervisor

COLOURS = {"ready": "green", "not ready": "yellow", "port taken": "red", "stopped": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
@click.pass_obj
def status(state: State, as_json: bool) -> None:
    """Print each process, its address and its health. Exits with 1 unless all are ready."""
    if not supervisor.is_running(state):
        _nothing(state, as_json)
    stack = describe(state)
    processes = _processes(stack)
    if as_json:
        click.echo(json.dumps(_document(stack, processes), indent=2))
    else:
        _show(stack, processes)
    sys.exit(0 if all(process["health"] == "ready" for process in processes) else 1)


def _nothing(state: State, as_json: bool) -> None:
    if as_json:
        nothing = dict.fromkeys(("gateway_url", "amqp_url", "sales_amqp_url"))
        click.echo(json.dumps({**nothing, "processes": []}, indent=2))
        sys.exit(1)
    raise click.ClickException(f"nothing is running in {state.folder}; start it: ./kehu up")


def _processes(stack: Stack) -> list[dict[str, Any]]:
    infos = Supervisor(stack.state).processes()
    running = [info for info in infos if info.state in ("running", "starting")]
    found = ready(stack, running)
    # Also of those that are stopped, as one whose port is taken is between two attempts to start.
    healths = {info.name: _health(stack, info, found.get(info.name)) for info in infos}
    return [
        {
            "name": info.name,
            "pid": info.pid or None,
            "state": info.state,
            "address": stack.address(info.name),
            "health": healths[info.name],
        }
        for info in infos
    ]


def _health(stack: Stack, info: ProcessInfo, is_ready: bool | None) -> str:
    """``is_ready`` is None for a process that does not run."""
    if is_ready:
        return "ready"
    if stranger(stack, info):
        return "port taken"
    return "stopped" if is_ready is None else "not ready"


def _document(stack: Stack, processes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "gateway_url": stack.gateway_url,
        "amqp_url": stack.amqp_url,
        "sales_amqp_url": stack.sales_amqp_url,
        "processes": processes,
    }


def _show(stack: Stack, processes: list[dict[str, Any]]) -> None:
    table = Table("process", "pid", "state", "address", "health")
    for process in processes:
        colour = COLOURS[process["health"]]
        table.add_row(
            process["name"],
            str(process["pid"] or "-"),
            process["state"],
            process["address"],
            f"[{colour}]{process['health']}[/]",
        )
    console = SafeConsole()
    console.print(table)
    console.print(f"gateway: {stack.gateway_url}   documentation: {stack.gateway_url}/docs")
