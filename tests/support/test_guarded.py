"""What a test run has started ends with it, however it ends."""

import signal
import subprocess
import sys
from pathlib import Path

from kehu_cli.catalogue import ROOT
from tests.support.guarded import finally_run
from tests.support.stack import eventually

KILLED = """
import sys, time
from tests.support.guarded import finally_run
with finally_run("touch", sys.argv[1]):
    print("inside", flush=True)
    time.sleep(600)
"""


def test_a_command_runs_after_its_block(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with finally_run("touch", str(mark)):
        assert not mark.exists()
    assert mark.exists()


def test_a_command_runs_although_its_process_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    line = [sys.executable, "-c", KILLED, str(mark)]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"inside\n"
        assert not mark.exists()
        process.send_signal(signal.SIGKILL)
    eventually(mark.exists, what="the command has run")
