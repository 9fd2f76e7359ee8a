"""Runs one server as a child and ends it when the process that started the guard is gone.

    python guard.py [--user NAME] [--signal INT] [--grace 30] [--finally WORD]... -- ...

The starting process holds the other end of the guard's standard input. The kernel closes that pipe
however the process ends, `kill -9` included, so a killed test run leaves no server behind.
(PR_SET_PDEATHSIG would fire when the *thread* that started the child ends, and does not survive a
change of user.)
The first line of output is the server's process id.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading
from types import FrameType
from typing import Any

from kehu_cli.stack.accounts import as_user


def main(arguments: list[str]) -> int:
    """Start the command, wait until it ends or must end, and return its exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--user")
    parser.add_argument("--signal", default="TERM")
    parser.add_argument("--grace", type=float, default=30.0)
    parser.add_argument("--finally", dest="afterwards", action="append", default=[])
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)

    # In a session of its own: Ctrl-C is for the starting process, which then stops us in order.
    child = subprocess.Popen(
        options.command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        start_new_session=True,
        **as_user(options.user),
    )
    print(child.pid, flush=True)

    def end(_signal: int | None = None, _frame: FrameType | None = None) -> None:
        threading.Thread(target=_end, args=(child, options), daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    threading.Thread(target=_watch, args=(end,), daemon=True).start()
    code = child.wait()
    if options.afterwards:
        subprocess.run(options.afterwards, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    return code


def _watch(end: Any) -> None:
    # Not sys.stdin: a thread that still reads it when the guard ends aborts the guard.
    while os.read(0, 1024):
        pass
    end()


def _end(child: "subprocess.Popen[bytes]", options: argparse.Namespace) -> None:
    child.send_signal(signal.Signals[f"SIG{options.signal}"])
    try:
        child.wait(options.grace)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
