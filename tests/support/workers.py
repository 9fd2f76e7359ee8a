"""How tests are spread over several processes (`-n`), each with servers of its own.

The tests of a file stay together, and so do all tests that share a costly fixture.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

# The costly fixtures and the tests that use them, in the order in which they run. Containers come
# last, as twenty-three of them slow down everything that runs at the same time.
STACK, CONTAINERS = "stack", "built"
SHARED = {
    STACK: (
        "tests/console/",
        "tests/e2e/",
        "tests/security/",
        "tests/faults/test_restore_from_backup.py",
    ),
    "of its own": ("tests/faults/test_main_job_under_kills.py",),
    CONTAINERS: ("tests/compose/", "tests/faults/"),
}


def group_of(file: str) -> str:
    """The group of a file: what it shares with other files, or else the file itself."""
    return next((name for name, where in SHARED.items() if file.startswith(where)), file)


def position(file: str) -> int:
    """The longest group starts first; containers come last."""
    return {STACK: -1, CONTAINERS: 1}.get(group_of(file), 0)


def is_grouped(file: str, fixtures: frozenset[str]) -> bool:
    """Whether the tests of a file are in the group of the costly fixture that they use."""
    used = fixtures & {STACK, CONTAINERS}
    return not used or used == {group_of(file)}


def ports_of(worker: str, workers: int, ports: range) -> str:
    """The KEHU_PORTS of one process, so that two never choose the same port."""
    size = len(ports) // workers
    first = ports[int(worker.removeprefix("gw")) * size]
    return f"{first}-{first + size - 1}"


class ByFile(LoadScopeScheduling):
    """The tests of a group run in one process, one after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid.partition("::")[0])
