"""``python -m kehu_reporting <command>``."""

from kehu_chassis.cli import main
from kehu_reporting.app import service

raise SystemExit(main(service))
