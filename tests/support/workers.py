"""How tests are spread over several processes (`-n`), each with servers of its own.

The tests of a file stay together, and so do all tests that share something that is costly to start.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

# The fixtures of what is costly, and where the tests are that use them, in the order in which they
# run. Those in containers come last, as twenty-three of them slow down whatever runs beside.
# The command line's tests that start a stack are with the others: two that start at once may find
# the same port free.
STACK, CONTAINERS = "stack", "cold"
SHARED = {
    STACK: (
        "deploy/cli/tests/test_demo.py",
        "deploy/cli/tests/test_foreground.py",
        "deploy/cli/tests/test_plain_user.py",
        "deploy/cli/tests/test_temporary_stack.py",
        "deploy/cli/tests/test_up.py",
        "tests/e2e/",
        "tests/security/",
        "tests/faults/test_restore_from_backup.py",
    ),
    "of its own": ("tests/faults/test_main_job_under_kills.py",),
    CONTAINERS: ("tests/compose/", "tests/faults/"),
}


def group_of(file: str) -> str:
    """What the tests of a file share with other files, or else the file."""
    return next((name for name, where in SHARED.items() if file.startswith(where)), file)


def position(file: str) -> int:
    """What takes longest begins first; containers come last."""
    return {STACK: -1, CONTAINERS: 1}.get(group_of(file), 0)


def is_together(file: str, fixtures: frozenset[str]) -> bool:
    """Whether the tests of a file are with the others that use the same costly fixture."""
    used = fixtures & {STACK, CONTAINERS}
    return not used or used == {group_of(file)}


class ByFile(LoadScopeScheduling):
    """The tests of a group run in one process, one after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid.partition("::")[0])
