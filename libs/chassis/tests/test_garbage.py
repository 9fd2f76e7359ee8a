"""Garbage collection of processes that run for long."""

from __future__ import annotations

import gc
import subprocess
import sys


def test_what_is_loaded_is_not_looked_at_again_and_cycles_are_still_collected() -> None:
    """In a process of its own, as it holds for all that follows."""
    program = """
import gc, weakref
from kehu_chassis.runtime import garbage
garbage.collect_rarely()
assert gc.isenabled() and gc.get_freeze_count() > 1_000
class Node: pass
made = []
for _ in range(3):
    node = Node()
    node.itself = node
    made.append(weakref.ref(node))
del node
kept = [[] for _ in range(200_000)]
assert not any(ref() for ref in made)
"""
    subprocess.run([sys.executable, "-P", "-c", program], check=True)
    assert gc.get_threshold()[0] < 20_000, "this process is not concerned"
