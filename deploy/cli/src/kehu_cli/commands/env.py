"""`kehu env`."""

from pathlib import Path

import click

from kehu_cli.catalogue import ROOT
from kehu_cli.operations import environment_file


@click.command()
@click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=ROOT / ".env",
    help="Where to write it, for a second installation; default: .env in the checkout.",
)
def env(path: Path) -> None:
    """Generate the secrets of docker-compose.yml in .env.

    Existing values are kept. Run it again after an update of Kehu: it brings the broker's queues
    and permissions up to date.
    """
    first_time = not path.exists()
    values = environment_file.write(path)
    click.echo(f"{'written' if first_time else 'up to date'}: {path}")
    if first_time:
        name, password = values["KEHU_ADMIN_USERNAME"], values["KEHU_ADMIN_PASSWORD"]
        click.echo(f"  first administrator  {name} / {password}")
        click.echo(f"  sales system's AMQP  {environment_file.amqp_url(values, 'sales')}")
        click.echo("Both are stored in the file. Next: docker compose up --detach --build")
