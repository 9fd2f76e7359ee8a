"""python -m kehu_notes COMMAND"""

from kehu_chassis.cli import main
from kehu_notes.app import service

if __name__ == "__main__":
    raise SystemExit(main(service))
