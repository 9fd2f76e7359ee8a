"""``python -m kehu_customer <command>``."""

from kehu_chassis.cli import main
from kehu_customer.app import service

raise SystemExit(main(service))
