"""`python -m kehu_local` is the `kehu` command."""

from kehu_local.cli import kehu

kehu(prog_name="kehu")
