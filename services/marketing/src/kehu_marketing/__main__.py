"""``python -m kehu_marketing <command>``."""

from kehu_chassis.cli import main
from kehu_marketing.app import service

raise SystemExit(main(service))
