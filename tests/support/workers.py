"""How tests are spread over several processes, each with servers of its own."""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadGroupScheduling


class ByFile(LoadGroupScheduling):
    """Keeps the tests of a group (`xdist_group`) in one process, and those of a file."""

    def _split_scope(self, nodeid: str) -> Any:
        return super()._split_scope(nodeid).partition("::")[0]
