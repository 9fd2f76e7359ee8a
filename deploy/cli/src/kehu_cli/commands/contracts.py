"""`kehu contracts`."""

import click

from kehu_cli.catalogue import ROOT
from kehu_cli.contracts.compatibility import breaks, of_checkout, of_revision
from kehu_cli.contracts.generation import differences, generate, write


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a file is outdated.")
@click.option(
    "--against",
    metavar="REVISION",
    help="Change nothing; exit with 1 if the contracts break clients of that revision.",
)
def contracts(check: bool, against: str | None) -> None:
    """Write the generated files: API documents, broker definitions, the chart's copies."""
    if against:
        _compare(against)
        return
    texts = generate()
    if not check:
        changed = write(texts)
        for path in changed:
            click.echo(f"written: {path.relative_to(ROOT)}")
        click.echo(f"{len(changed)} of {len(texts)} files changed")
    elif found := differences(texts):
        raise click.ClickException(
            f"out of date; run ./kehu contracts and commit the result\n{found}"
        )
    else:
        click.echo(f"{len(texts)} files are up to date")


def _compare(revision: str) -> None:
    if found := list(breaks(of_revision(revision), of_checkout())):
        raise click.ClickException(f"incompatible with {revision}\n" + "\n".join(found))
    click.echo(f"compatible with {revision}")
