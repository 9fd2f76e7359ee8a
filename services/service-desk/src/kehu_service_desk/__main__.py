"""``python -m kehu_service_desk <command>``."""

from kehu_chassis.cli import main
from kehu_service_desk.app import service

raise SystemExit(main(service))
