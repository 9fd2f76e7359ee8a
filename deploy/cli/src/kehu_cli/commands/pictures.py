"""`kehu pictures`."""

import sys
from datetime import UTC, datetime
from importlib.util import find_spec

import click

from kehu_cli.catalogue import USER_GUIDE
from kehu_cli.commands.demo import stop_properly
from kehu_cli.console import wide_console
from kehu_cli.demo.display import Display
from kehu_cli.demo.people import Staff
from kehu_cli.demo.play import make_script, play_on_temporary_stack, print_summary
from kehu_cli.demo.target import Target, company_timezone
from kehu_cli.stack.state import State
from kehu_cli.web import build as web

FOLDER = USER_GUIDE / "pictures"
WORKERS = 8
NEEDED = {"playwright": "Playwright", "PIL": "Pillow"}


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--language", type=click.Choice(["zh", "en"]), help="Only this one; default: both.")
@click.pass_obj
def pictures(state: State, names: tuple[str, ...], language: str | None) -> None:
    """Make the pictures of the user guide anew: all, or those of these NAMES.

    Plays the demonstration on a temporary Kehu, opens its pages in Chromium, and writes
    docs/user-guide/pictures. This takes five minutes, or eight on a busy machine. The days of the
    company count from today, and all pages take the end of the demonstration for now.
    """
    _require_tools()
    from kehu_cli.pictures.camera import Studio
    from kehu_cli.pictures.scenes import SCENES

    known = [scene.name for scene in SCENES]
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(f"no picture is called {unknown[0]}; there are {', '.join(known)}")
    scenes = [scene for scene in SCENES if not names or scene.name in names]
    languages = [language] if language else ["zh", "en"]
    display = Display(wide_console())

    def take(target: Target, staff: Staff) -> None:
        studio = Studio(target.gateway_url, staff, datetime.now(UTC))
        for one in languages:
            with display.task(f"pictures, {one}", len(scenes)) as report:
                studio.take(scenes, one, FOLDER / one, report)
        click.echo(f"written: {FOLDER}")

    with web.locked():
        web.build()
    today = datetime.now(company_timezone()).date()
    script = make_script(None, None, "%Y-%m-%d", None, WORKERS, today)
    print_summary(display.console, script)
    stop_properly()
    sys.exit(play_on_temporary_stack(state, script, display, take))


def _require_tools() -> None:
    """Say what is to be installed before minutes have been spent; nothing else needs it."""
    if missing := [name for module, name in NEEDED.items() if find_spec(module) is None]:
        raise click.ClickException(
            f"this needs {' and '.join(missing)}, which belong to the tools of the tests:"
            f" {sys.executable} -m pip install -r requirements/dev.txt"
        )
    from kehu_cli.web import chromium

    if chromium.find() is None:
        raise click.ClickException(chromium.MISSING)
