"""python -m kehu_sample COMMAND"""

from kehu_chassis.cli import main
from kehu_sample.app import service

if __name__ == "__main__":
    raise SystemExit(main(service))
