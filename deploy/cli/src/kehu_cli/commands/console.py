"""`kehu console`."""

import os

import click

from kehu_cli.stack import supervisor
from kehu_cli.stack.stack import describe
from kehu_cli.stack.state import State
from kehu_cli.web import build as web
from kehu_cli.web.node import FOLDER, provide, report


@click.group()
def console() -> None:
    """Build, check or develop the web console; no Node has to be installed."""


@console.command()
def build() -> None:
    """Build it, unless the last build is that of the present sources.

    A running gateway serves the new build within seconds.
    """
    with web.locked():
        if web.is_current():
            click.echo("The web console is up to date.")
            return
        web.build()
    click.echo(f"built: {web.DIST}")


@console.command()
def check() -> None:
    """Run its part of `kehu test`.

    These are: the build, types, style, import rules, texts, the budget of bytes, unit tests.
    """
    with web.locked():
        npm = provide(tests=True)
        web.build(npm)
        web.run_script(npm, "check")


@console.command()
@click.option("--port", default=5173, show_default=True, help="Where the server listens.")
@click.pass_obj
def dev(state: State, port: int) -> None:
    """Serve it with every change of the sources at once; the API is that of the running gateway.

    KEHU_GATEWAY=http://HOST:PORT names another gateway.
    """
    gateway = os.environ.get("KEHU_GATEWAY") or _running_gateway(state)
    with web.locked():
        npm = provide(tests=True)
    report(f"requests to /api go to {gateway}")
    os.chdir(FOLDER)
    line = npm.command("run", "--silent", "dev", "--", "--port", str(port))
    os.execve(line[0], line, npm.environment(KEHU_GATEWAY=gateway))


def _running_gateway(state: State) -> str:
    if not supervisor.is_running(state):
        raise click.ClickException(
            "no gateway is running. Start one in another terminal, ./kehu up --no-console, or name"
            " one: KEHU_GATEWAY=http://HOST:PORT ./kehu console dev"
        )
    return describe(state).gateway_url
