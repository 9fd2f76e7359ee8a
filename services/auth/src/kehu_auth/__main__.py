"""``python -m kehu_auth <command>``."""

from kehu_auth.app import service
from kehu_chassis.cli import main

raise SystemExit(main(service))
