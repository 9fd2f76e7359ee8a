"""Garbage collection of processes that run for long.

Python looks for cycles after every 700 new objects. A batch of events or a page of a list makes
tens of thousands, nearly all of which end by themselves: looking for cycles took a third of the
time.
"""

import gc

# A few megabytes of objects; the older generations are looked at as seldom as by default.
_NEW_OBJECTS = 20_000


def collect_rarely() -> None:
    """Collect garbage less often, and never what is loaded by now: call it before the work.

    What is loaded stays shared with processes forked later, as no collector marks it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
