"""How tests are spread over several processes (`-n`), each with servers of its own.

The tests of a file stay together, and so do all tests that share something that is costly to start.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

# The fixtures of what is costly, and where the tests are that use them, in the order in which they
# run. Those in containers come last, as twenty-three of them slow down whatever runs beside.
STACK, CONTAINERS = "stack", "cold"
SHARED = {
    STACK: ("tests/e2e/", "tests/security/", "tests/faults/test_restore_from_backup.py"),
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


def ports_of(worker: str, workers: int, ports: range) -> str:
    """The ports of one process, as KEHU_PORTS names them: two at once would choose alike."""
    size = len(ports) // workers
    first = ports[int(worker.removeprefix("gw")) * size]
    return f"{first}-{first + size - 1}"


class ByFile(LoadScopeScheduling):
    """The tests of a group run in one process, one after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid.partition("::")[0])
