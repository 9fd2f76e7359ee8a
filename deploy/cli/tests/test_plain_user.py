"""Everything runs for a plain user, too."""

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
    """How to run a program as somebody who may read this checkout's Python and no more.

    Root's interpreter often lies below /root, which others cannot pass. The supervisor asks first
    whether it may run a program, and without that bit the kernel would answer for `nobody` alone.
    """
    group = pwd.getpwnam(ACCOUNT).pw_gid
    capabilities = "-all,+dac_read_search"
    return [
        "setpriv", f"--reuid={ACCOUNT}", f"--regid={group}", "--clear-groups",
        f"--inh-caps={capabilities}", f"--ambient-caps={capabilities}",
        "--securebits=+no_setuid_fixup",
    ]  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="all tests run for a plain user already")
def test_a_plain_user_starts_and_stops_everything() -> None:
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
