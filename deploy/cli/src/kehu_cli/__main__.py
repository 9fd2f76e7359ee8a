"""`python -m kehu_cli` is the `kehu` command."""

from kehu_cli.cli import kehu

kehu(prog_name="kehu")
