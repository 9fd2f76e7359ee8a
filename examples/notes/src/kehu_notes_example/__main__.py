"""``python -m kehu_notes_example <command>``."""

from kehu_chassis.cli import main
from kehu_notes_example.app import service

raise SystemExit(main(service))
