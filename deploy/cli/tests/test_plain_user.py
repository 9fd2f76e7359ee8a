"""Everything also runs for a plain user."""

import os
import pwd
import subprocess
import sys

import pytest

from kehu_cli.stack import leftovers
from kehu_cli.stack.accounts import hand_over
from tests.support.kehu import Kehu
from tests.support.stack import state_folder

ACCOUNT = "nobody"


def as_plain_user() -> list[str]:
    """Return the command prefix that runs a program as a user who may read any file and no more.

    Root's interpreter is often below /root, which others cannot traverse. The supervisor calls
    access() before it runs a program, which without that securebit ignores the capability.
    """
    group = pwd.getpwnam(ACCOUNT).pw_gid
    capabilities = "-all,+dac_read_search"
    return [
        "setpriv", f"--reuid={ACCOUNT}", f"--regid={group}", "--clear-groups",
        f"--inh-caps={capabilities}", f"--ambient-caps={capabilities}",
        "--securebits=+no_setuid_fixup",
    ]  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="all tests run for a plain user already")
def test_a_plain_user_can_start_and_stop_everything() -> None:
    line = [*as_plain_user(), sys.executable, "-P", "-c", "import kehu_cli"]
    tried = subprocess.run(["/bin/sh", "-c", '"$@"', "sh", *line], capture_output=True, text=True)
    if tried.returncode != 0:
        pytest.skip(f"nothing can be run as {ACCOUNT} here: {tried.stderr}")
    with state_folder() as folder:
        hand_over(folder, ACCOUNT)
        kehu = Kehu(folder, *as_plain_user(), HOME=str(folder))
        try:
            result = kehu.up()
            assert result.returncode == 0, result.stdout + result.stderr
            owners = {process.username() for process in leftovers.find(folder)}
            assert owners == {ACCOUNT}
            assert kehu.run("status").returncode == 0
        finally:
            result = kehu.run("down")
        assert result.returncode == 0, result.stdout + result.stderr
        assert leftovers.find(folder) == []
