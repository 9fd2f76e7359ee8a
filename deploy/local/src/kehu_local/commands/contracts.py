"""`kehu contracts`."""

import click

from kehu_local.catalogue import ROOT
from kehu_local.contracts import differences, generate, write


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; end with 1 if a file is out of date.")
def contracts(check: bool) -> None:
    """Write the files made from others: API documents, broker definitions, the chart's copies."""
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
