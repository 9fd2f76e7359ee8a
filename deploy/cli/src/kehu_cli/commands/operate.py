"""The services' operator commands on a running stack: dead-letters, resync, replay."""

import os
import subprocess
import sys

import click

from kehu_cli.catalogue import ROOT, SERVICES, python_command
from kehu_cli.stack.state import State
from kehu_cli.stack.supervisor import running_stack

# Everything after the service, --help included, is passed to the service's command.
PASS_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}


def _service_command(name: str, text: str) -> click.Command:
    @click.command(name, help=text, context_settings=PASS_ON)
    @click.argument("service", type=click.Choice(SERVICES))
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    @click.pass_obj
    def command(state: State, service: str, arguments: tuple[str, ...]) -> None:
        stack = running_stack(state.folder)
        environment = {**os.environ, **stack.service_environment(service)}
        result = subprocess.run(
            python_command(service, name, *arguments), cwd=ROOT, env=environment
        )
        sys.exit(result.returncode)

    return command


dead_letters = _service_command(
    "dead-letters",
    "List, show, replay or discard events that a service could not handle: SERVICE list|show|...",
)
resync = _service_command(
    "resync", "Publish the state of all records of SERVICE again, to rebuild read models."
)
replay = _service_command("replay", "Publish past events of SERVICE again: SERVICE --since TIME")
