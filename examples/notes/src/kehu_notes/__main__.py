"""``python -m kehu_notes <command>``."""

from kehu_chassis.cli import main
from kehu_notes.app import service

raise SystemExit(main(service))
