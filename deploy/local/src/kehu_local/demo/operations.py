"""What an operator sees: events that could not be handled, and how many were sent and taken."""

import re
from collections import Counter

import urllib3

from kehu_local.catalogue import SERVICES
from kehu_local.demo.client import Person
from kehu_local.demo.figures import Figures
from kehu_local.demo.waiting import wait_for
from kehu_local.stack import Stack

_SAMPLE = re.compile(r'^(outbox_publish_total|inbox_total)\{result="([a-z_]+)"\} ([0-9.e+]+)$')
_NAMES = {
    ("outbox_publish_total", "ok"): "events published by the services",
    ("inbox_total", "done"): "events consumed by the services",
    ("inbox_total", "duplicate"): "duplicates refused by the services",
}


def compare_dead_letters(admin: Person, figures: Figures) -> None:
    """No event may be left that a service could not handle."""

    def failed() -> int:
        return sum(admin.total(f"/{service}/dead-letters") for service in SERVICES)

    figures.compare("dead letters, and events still being retried", 0, wait_for(failed, 0))


def note_events(stack: Stack | None, before: Counter[str], figures: Figures) -> None:
    """Note how many events were sent and taken since ``before``."""
    if stack is None:
        return
    for name, count in (read_events(stack) - before).items():
        figures.note(f"{name} (/metrics)", count)


def read_events(stack: Stack | None) -> Counter[str]:
    """Read the counters of the background processes; those of one that was killed began anew."""
    found: Counter[str] = Counter()
    for service in SERVICES if stack else ():
        assert stack is not None
        address = f"{stack.address(f'{service}-work')}/metrics"
        try:
            text = urllib3.request("GET", address, timeout=5.0, retries=False).data.decode()
        except urllib3.exceptions.HTTPError:
            continue
        for line in text.splitlines():
            if (match := _SAMPLE.match(line)) and (name := _NAMES.get((match[1], match[2]))):
                found[name] += int(float(match[3]))
    return found
